"""What is seen of a network before it is trained: it gives a score for each class, and follows from its seed."""

from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.models.jobs import model_place
from normlab.models.own import own_code
from normlab.models.registry import build
from normlab.records import Job

IMAGES = 2


@torch.no_grad()
def check_output(model: nn.Module, job: Job) -> None:
    """Raise `NetworkError` unless a job's network gives (N, classes) for images of the job's shape; it stays as it is.

    Where the network is of one's own and raises something, that is an `OwnCodeError`.
    """
    own = model_place(job.recipe.model)
    given = (IMAGES, *job.shape)
    with own_code(own) if own else nullcontext():
        result = deepcopy(model).eval()(torch.zeros(given))
    wanted = (IMAGES, job.classes)
    if not isinstance(result, torch.Tensor) or tuple(result.shape) != wanted:
        got = tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__
        raise NetworkError(f"model {job.recipe.model}: for images {given} expected scores {wanted}, got {got}")


def check_seeded(model: nn.Module, job: Job) -> None:
    """Raise `NetworkError` unless building a job's network again gives the same values: arms could share none else."""
    one, other = model.state_dict(), build(job).state_dict()
    if one.keys() != other.keys() or not all(torch.equal(value, other[name]) for name, value in one.items()):
        told = f"model {job.recipe.model}: built twice on one seed it starts from different values"
        raise NetworkError(f"{told}; draw them with torch's generator alone")
