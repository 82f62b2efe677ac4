"""The parameters that the penalty of a job acts on."""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties import named, of_recipe
from normlab.records import Job


def penalised(job: Job, model: nn.Module) -> list[torch.Tensor]:
    """The parameters that the job's penalty acts on; the weights without one."""
    term = of_recipe(job.recipe)
    return list((term.targets(model) if term else named(model, "weights")).values())
