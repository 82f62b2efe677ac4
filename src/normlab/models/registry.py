"""The names of models, and how one is built for an arm and a seed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab import seeds
from normlab.errors import NetworkError, SpecError, UnknownName
from normlab.models.builtin import MODELS, Model
from normlab.models.exchange import exchanged
from normlab.models.factory import Factory, refuse_unknown
from normlab.models.imports import imports
from normlab.models.jobs import code_of, model_place
from normlab.models.registered import models
from normlab.norms import resolve
from normlab.norms.names import read
from normlab.norms.standardized import standardize
from normlab.own import function, guest
from normlab.records import Job, RunRecord
from normlab.spec import Recipe
from normlab.spec.places import here, place

FIXED = ("norm", "dropout", "shape", "classes")
"""What a model is always called with; the rest of what it takes are arguments of the recipe."""


def known() -> list[str]:
    """The names of the models, those that packages register last."""
    return [*MODELS, *(name for name in models() if name not in MODELS)]


def structure(recipe: Recipe) -> tuple[str, str, str, float]:
    """All of a recipe that `build` makes a network of, besides numbers drawn."""
    return recipe.model, recipe.model_args, recipe.norm, recipe.dropout


def build(job: Job) -> nn.Module:
    """The job's model on the CPU with its initial weights, or with those that the job starts from.

    Every arm with the same seed gets the same initial values in each parameter that it shares with the others: they
    are copied from one donor without norms, so a norm whose own initialization draws numbers shifts nothing.

    Raises `UnknownName` for a model, norm or argument that is not there, `GroupsError`, and `NetworkError` where the
    model cannot be made for the job's images, or is of one's own and not what it was when the job was made.
    """
    if job.code and job.code != code_of(job.recipe):
        raise NetworkError(
            f"model {here(job.recipe.model)}: its code has changed since the run was planned; start again"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(job.root, "init", job.replicate))
        model = _drawn(job)
    if job.start is not None:
        _load(model, job.start)
    return model


def _load(model: nn.Module, weights: Mapping[str, NDArray[np.generic]]) -> None:
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})


def _drawn(job: Job) -> nn.Module:
    recipe, model, norm = job.recipe, _model(job.recipe), resolve(job.recipe.norm)
    make = partial(model, dropout=recipe.dropout, shape=job.shape, classes=job.classes)
    code = model_place(recipe.model)
    exchange = isinstance(model, Factory) and not model.takes_norm
    with guest(code) if code else nullcontext():
        donor = make(resolve("none"))
        made = donor if exchange else make(norm)
    if exchange:
        with imports(recipe.model):  # an example passes
            return exchanged(donor, recipe.norm, job.shape)
    made.load_state_dict(donor.state_dict(), strict=False)
    return standardize(made) if read(recipe.norm).standardized else made


def _model(recipe: Recipe) -> Model:
    """The model that a recipe names, or the function at the place that it names, with the recipe's arguments."""
    if own := place(recipe.model):
        return Factory.of(own, recipe.arguments)
    model = _called(recipe.model)
    free = [name for name in inspect.signature(model).parameters if name not in FIXED]
    refuse_unknown(recipe.model, recipe.arguments, free)
    return partial(model, **recipe.arguments)


def _called(name: str) -> Model:
    if name in MODELS:
        return MODELS[name]
    if name in models():
        return function(models()[name])
    if name.endswith(".py"):
        raise SpecError(f"model {name}: which function of it? Name one, as in {name}:make")
    raise UnknownName("model", name, known())


def trained_network(record: RunRecord) -> nn.Module:
    """The network of a finished run, in eval mode."""
    return build(replace(record.job, start=record.weights)).eval()


def trained_networks(records: Sequence[RunRecord]) -> Iterator[nn.Module]:
    """The networks of an arm's finished runs, each in eval mode: one that is built once and given their weights."""
    network = trained_network(records[0])
    for record in records:
        _load(network, record.weights)
        yield network
