"""`robust`: the finished networks of a study judged anew on worse images; trains nothing and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from normlab.analysis import Facts, gather
from normlab.analysis.others import Others, others
from normlab.data import Dataset, load
from normlab.data.corruptions import CORRUPTIONS, corrupted
from normlab.data.preprocess import network_input
from normlab.errors import StoreError
from normlab.events import Tell, silent
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.outcomes.corrupted import on_worse
from normlab.records import Comparison, RunRecord
from normlab.report.payload import explored
from normlab.spec import Preprocess
from normlab.training.evaluate import judge
from normlab.training.layout import in_layout, layout_of
from normlab.verbs.damage import damage
from normlab.verbs.reopen import opened

CHUNK = 2000
"""Images that a network sees at a time."""
MEAN = "corrupted"
"""What the mean over all kinds is called."""

Done = Callable[[RunRecord, int, int], object]
"""Told which run was judged, the how manyth it is, and of how many."""
Inputs = Callable[[str, Preprocess], torch.Tensor]
"""Worse images of a kind as a network sees them that was trained with a preprocessing."""


@dataclass(frozen=True)
class Robust:
    """The `facts` of a study, and `found`: accuracy on each kind of worse images and the mean over them, explored."""

    facts: Facts
    found: Others

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `others` of a report's numbers."""
        return {"study": self.facts.study.name, "images": self.facts.images, **explored(self.found)}


def robust(
    study: str | Path, *, out: str | Path = "normlab-out", done: Done = lambda *_: None, tell: Tell = silent
) -> Robust:
    """What the networks of a study make of images that are shifted, rotated, noisy or blurred (`data.corruptions`).

    The images are those that the study judges on, made worse in the same way for every run. All differences of its
    pairs are exploratory, and corrected together.

    Args:
        study: its name or folder.
        out: the project's folder.
        done: told of each run that was judged, which takes a few seconds.
        tell: told what is fetched or read.

    Raises:
        StoreError: there is no such study, or it has no finished run whose weights can be opened.
    """
    comparison = opened(study, out)
    runs = [run for arm in comparison.study.arms for run in comparison.of(arm.name) if not damage(run)]
    if not runs:
        raise StoreError(f"{comparison.study.name} has no finished network to judge: train it with normlab compare")
    inputs = _inputs(comparison, load(comparison.study.recipe.dataset, tell))
    known: dict[str, dict[str, float]] = {kind: {} for kind in (*CORRUPTIONS, MEAN)}
    for number, run in enumerate(runs, 1):
        for kind, value in _judged(run, comparison, inputs):
            known[kind][run.key] = value
        known[MEAN][run.key] = mean(known[kind][run.key] for kind in CORRUPTIONS)
        done(run, number, len(runs))
    facts = gather(comparison)
    outcomes = [on_worse(kind, values) for kind, values in known.items()]
    return Robust(facts, others(comparison, facts.contrasts, facts.rules, outcomes, beside=()))


def _inputs(comparison: Comparison, data: Dataset) -> Inputs:
    """Made once for all runs."""

    @cache
    def made(kind: str, how: Preprocess) -> torch.Tensor:
        return network_input(corrupted(comparison.images, kind), data, how)

    return made


def _judged(run: RunRecord, comparison: Comparison, inputs: Inputs) -> Iterator[tuple[str, float]]:
    """The percent right on images of each kind."""
    labels = torch.from_numpy(comparison.labels.copy())
    with imports(run.job.recipe.model):
        network = trained_network(run)
        layout = layout_of(network, run.job.shape)
        network = in_layout(network, layout)
        for kind in CORRUPTIONS:
            images = inputs(kind, run.job.recipe.preprocess)
            batches = zip(torch.split(images, CHUNK), torch.split(labels, CHUNK), strict=True)
            yield kind, 100 * judge(network, batches, layout).correct / len(labels)
