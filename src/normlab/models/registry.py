"""The names of models, and how one is built for an arm and a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from normlab import seeds
from normlab.errors import UnknownName
from normlab.models.course import course
from normlab.models.lean import lean
from normlab.norms import resolve
from normlab.norms.names import read
from normlab.norms.standardized import standardize
from normlab.records import Job, RunRecord
from normlab.spec import Recipe

Model = Callable[..., nn.Module]
MODELS: dict[str, Model] = {"course": course, "lean": lean}


def known() -> list[str]:
    """The names of the models."""
    return list(MODELS)


def structure(recipe: Recipe) -> tuple[str, str, float]:
    """All of a recipe that `build` makes a network of, besides numbers drawn."""
    return recipe.model, recipe.norm, recipe.dropout


def build(job: Job) -> nn.Module:
    """The job's model on the CPU with its initial weights, or with those that the job starts from.

    Every arm with the same seed gets the same initial values in each parameter that it shares with the others: they
    are copied from one donor without norms, so a norm whose own initialization draws numbers shifts nothing.
    """
    if job.recipe.model not in MODELS:
        raise UnknownName("model", job.recipe.model, MODELS)
    make = MODELS[job.recipe.model]
    norm = resolve(job.recipe.norm)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(job.root, "init", job.seed))
        donor = make(resolve("none"), dropout=job.recipe.dropout)
        model = make(norm, dropout=job.recipe.dropout)
    model.load_state_dict(donor.state_dict(), strict=False)
    if read(job.recipe.norm).standardized:
        standardize(model)
    if job.start is not None:
        model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in job.start.items()})
    return model


def trained_network(record: RunRecord) -> nn.Module:
    """The network of a finished run, in eval mode."""
    return build(replace(record.job, start=record.weights)).eval()
