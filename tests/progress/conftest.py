"""A study that seems to be under way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from normlab.events import BatchDone, EpochDone, Event, Planned, Rehearsed, RunKept
from normlab.progress import Progress
from normlab.show.theme import strokes

if TYPE_CHECKING:
    from comparisons import Make


@pytest.fixture
def events(make: Make) -> list[Event]:
    """Of four runs: one is kept before, one while one looks, one is in its second epoch of three."""
    study = make(arms=[{"norm": "bn"}, {"norm": "gn:4"}], seeds=2)
    first, second = study.runs[:2]
    first = replace(first, job=replace(first.job, label="bn"))
    name = f"gn:4 · seed {second.job.seed}"
    return [
        Rehearsed(runs=3, seconds=60.0, processes=2, memory=0),
        Planned(kept=1, owed=3),
        BatchDone(first.job.name, 3, 1, 5, 10, 0.5, 9, 10),
        *(EpochDone(first.job.name, 3, epoch) for epoch in first.epochs),
        RunKept(first),
        EpochDone(name, 3, second.epochs[0]),
        BatchDone(name, 3, 2, 5, 10, 0.5, 9, 10),
    ]


@pytest.fixture
def progress(make: Make) -> Progress:
    """Of which nothing is told yet."""
    study = make(arms=[{"norm": "bn"}, {"norm": "gn:4"}], seeds=2).study
    return Progress(study.name, strokes(study.arms))
