"""What is looked at: the arms as they are built, beside what they are said to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab import seeds
from normlab.data import Dataset
from normlab.data.alike import Alike
from normlab.data.augment import draw, warp
from normlab.data.prepare import affine, pixels
from normlab.data.preprocess import Standardize
from normlab.data.split import split
from normlab.models.untrained import Untrained
from normlab.penalties import penalty
from normlab.spec import Arm, Study
from normlab.training.optim import groups_of
from normlab.training.schedule import rate

Pixels = NDArray[np.uint8]
"""Images, (N, C, H, W)."""


@dataclass(frozen=True)
class Groups:
    """What rules look at of an optimizer; making PyTorch's own takes seconds the first time."""

    param_groups: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Probe:
    """One arm as it would be trained.

    Args:
        name: what it is called.
        norm: the norm it is said to have; arms are compared where it differs.
        model: the built model.
        l1, l2: the penalties it is said to have in its loss, 0 for none.
        penalty: what is added to its loss, computed anew at each call; None where nothing is.
        optimizer: what moves it.
        rates: the learning rate of each step of a run.
        steps: how many steps a run has.
        other: the penalty that it is said to have outside its loss, by name: a proximal step, factors, …
    """

    name: str
    norm: str
    model: nn.Module
    l1: float = 0.0
    l2: float = 0.0
    penalty: Callable[[], torch.Tensor | float | None] | None = None
    optimizer: torch.optim.Optimizer | Groups | None = None
    rates: Sequence[float] | None = None
    steps: int | None = None
    other: str = ""


@dataclass(frozen=True)
class Subject:
    """Everything that rules look at; what is None is not looked at.

    Args:
        probes: the arms, in the order in which they would be trained.
        study: the spec.
        train, judged: the images that are trained on and judged by.
        in_both: how many images are in both, where that is known.
        alike: how many are nearly the same, where that is known.
        prepare: training images, as they are stored, to what the network sees, float (N, C, H, W), with what
            augmentation moves.
    """

    probes: Sequence[Probe]
    study: Study | None = None
    train: Pixels | None = None
    judged: Pixels | None = None
    in_both: int | None = None
    alike: Alike | None = None
    prepare: Callable[[Pixels], torch.Tensor] | None = None


def of_study(study: Study, data: Dataset | None = None, networks: Untrained | None = None) -> Subject:
    """The subject of a study: every arm's network on its first seed, and the images where they are given."""
    networks = networks or Untrained(study)
    parts = split(data, study.recipe, study.root) if data else None
    probes = [_probe(study, arm, deepcopy(networks.of(arm)), data) for arm in study.arms]
    if parts is None or data is None:
        return Subject(probes, study)
    return Subject(
        probes,
        study,
        parts.train_images,
        parts.judged_images,
        in_both=_in_both(study, data),
        alike=_alike(study, data),
        prepare=_prepare(study, data),
    )


def _in_both(study: Study, data: Dataset) -> int | None:
    """What is known of whole data sets, or of any part of those in which no image is there twice."""
    known, recipe = data.known_twins, study.recipe
    if known and (known.in_both, known.twice) == (0, 0):
        return 0
    return known.in_both if known and not (recipe.holdout or recipe.train_images) else None


def _alike(study: Study, data: Dataset) -> Alike | None:
    """What is known of whole data sets; of a part of the training images, where none of them is like a test image."""
    known, recipe = data.known_alike, study.recipe
    fits = known is not None and not recipe.holdout and not (recipe.train_images and known.across)
    return known if fits else None


def _probe(study: Study, arm: Arm, model: nn.Module, data: Dataset | None) -> Probe:
    recipe, charged = arm.recipe, arm.recipe.active_penalty
    l1 = charged if charged and charged.kind == "subgrad" else None
    images = len(split(data, recipe, study.root).train_images) if data else 0
    steps = recipe.epochs * -(-images // recipe.batch_size)
    return Probe(
        name=arm.name,
        norm=recipe.norm,
        model=model,
        l1=l1.lam if l1 else 0.0,
        l2=recipe.optimizer.weight_decay,
        other="" if charged is None or l1 else charged.name,
        penalty=partial(penalty("subgrad", l1.lam, l1.on).loss, model) if l1 else None,
        optimizer=Groups(groups_of(model, recipe.optimizer)),
        rates=[rate(recipe.schedule, recipe.optimizer.lr, step, steps) for step in range(steps)] if steps else None,
        steps=steps or None,
    )


def _prepare(study: Study, data: Dataset) -> Callable[[Pixels], torch.Tensor]:
    """Of the first arm."""
    recipe = study.arms[0].recipe
    standardize = Standardize(*affine(data, recipe.preprocess), torch.device("cpu"))

    def prepare(images: Pixels) -> torch.Tensor:
        levels = torch.from_numpy(pixels(images, recipe.preprocess).astype(np.float32))
        rows, columns = images.shape[2:]
        changes = draw(recipe.augment, len(images), (rows, columns), lambda what: seeds.generator(0, what, 0))
        return standardize(levels if changes.maps is None else warp(levels, torch.from_numpy(changes.maps)))

    return prepare
