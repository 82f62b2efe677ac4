"""What is seen of a network before it is trained: it gives a score for each class, and follows from its seed."""

from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.models.jobs import model_place
from normlab.own import guest
from normlab.records import Job
from normlab.spec.places import here

IMAGES = 2


def check_output(model: nn.Module, job: Job) -> None:
    """Raise `NetworkError` unless a job's network gives (N, classes) for images of the job's shape, in both modes.

    The network and torch's random state stay as they are. Where the network is of one's own and raises something, that
    is an `OwnCodeError`.
    """
    own = model_place(job.recipe.model)
    for mode, train in (("eval", False), ("training", True)):
        with torch.random.fork_rng(devices=[]), guest(own) if own else nullcontext():
            result = deepcopy(model).train(train)(torch.zeros(IMAGES, *job.shape))
        _check_scores(result, mode, job)


def _check_scores(result: object, mode: str, job: Job) -> None:
    given, wanted = (IMAGES, *job.shape), (IMAGES, job.classes)
    if not isinstance(result, torch.Tensor) or tuple(result.shape) != wanted:
        got = tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__
        told = (
            f"model {here(job.recipe.model)}: in {mode} mode and for images {given} expected scores {wanted}, got {got}"
        )
        raise NetworkError(told)


def check_seeded(one: nn.Module, other: nn.Module, job: Job) -> None:
    """Raise `NetworkError` unless a job's network has the same values, built twice: arms could share none else."""
    values, again = one.state_dict(), other.state_dict()
    if values.keys() != again.keys() or not all(torch.equal(value, again[name]) for name, value in values.items()):
        told = f"model {here(job.recipe.model)}: built twice on one seed it starts from different values"
        raise NetworkError(f"{told}; draw them with torch's generator alone")
