"""The penalty of a job, and the parameters it acts on."""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties import Term, named, of_recipe
from normlab.records import Job


def term_of(job: Job) -> Term | None:
    """The job's penalty; None without one."""
    return of_recipe(job.recipe)


def penalised(job: Job, model: nn.Module) -> list[torch.Tensor]:
    """The parameters that the job's penalty acts on; the weights without one."""
    term = term_of(job)
    return list((term.targets(model) if term else named(model, "weights")).values())
