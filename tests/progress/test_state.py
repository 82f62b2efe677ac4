"""How far a study is, from its events."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from normlab.events import Event, Fetched, Planned, ReportWritten, RunKept
from normlab.progress import Phase, Progress

if TYPE_CHECKING:
    from comparisons import Make


def test_before_training_it_says_what_is_done(progress: Progress) -> None:
    """A download, and then what is kept and owed; it says nothing about time."""
    progress.tell(Fetched("mnist", 3_000_000, 9_000_000))
    picture = progress.picture()
    assert (picture["phase"], picture["doing"]) == ("preparing", "fetching mnist: 3.0 of 9.0 MB")
    assert (picture["total"], picture["share"], picture["left"]) == (None, None, "")
    progress.tell(Planned(1, 3))
    assert progress.picture()["doing"] == "1 kept, 3 to train"


def test_runs_count_by_their_epochs(progress: Progress, events: list[Event]) -> None:
    """One of three and half of another: what is under way is told by its last epoch, what is finished by its end."""
    for event in events:
        progress.tell(event)
    picture = progress.picture()
    assert (picture["phase"], picture["done"], picture["total"]) == ("training", 2, 4)
    assert picture["share"] == pytest.approx((1 + 1.5 / 3) / 3)
    (run,) = picture["runs"]
    assert run["told"].startswith("epoch 1 of 3: ")
    assert [line.split(":")[0] for line in picture["finished"]] == ["bn · seed 0"]
    assert picture["left"]
    json.dumps(picture)


def test_curves_are_of_runs_under_way_and_means_of_finished_ones(progress: Progress, events: list[Event]) -> None:
    """A finished run grows no more."""
    for event in events:
        progress.tell(event)
    curves = progress.picture()["curves"]
    assert [each["arm"] for each in curves["growing"]] == ["gn:4"]
    assert [*curves["means"]] == ["bn"]


def test_an_arm_that_never_ended_an_epoch_has_no_curve(progress: Progress, events: list[Event], make: Make) -> None:
    """Its run diverged in the first one: there is no mean to draw."""
    lost = make(arms=[{"norm": "bn"}, {"norm": "gn:4"}], seeds=1, diverged=[("bn", 0, 1)]).runs[0]
    for event in [events[1], RunKept(replace(lost, job=replace(lost.job, label="bn")))]:
        progress.tell(event)
    picture = progress.picture()
    assert picture["curves"]["means"] == {}
    assert picture["finished"] == ["bn · seed 0: diverged in epoch 1"]


def test_until_settled_nobody_knows_how_much_is_left(progress: Progress, events: list[Event]) -> None:
    """Neither a share nor a time is told."""
    for event in [Planned(1, None), *events[2:]]:
        progress.tell(event)
    picture = progress.picture()
    assert (picture["total"], picture["share"], picture["left"], picture["done"]) == (None, None, "", 2)


def test_a_study_that_goes_on_has_nothing_under_way_at_first(progress: Progress, events: list[Event]) -> None:
    """What it says again stands there once, and the report counts as new each time that it is written."""
    for event in events:
        progress.tell(event)
    progress.enter(Phase.stopped)
    assert progress.picture()["runs"] == progress.picture()["curves"]["growing"] == []
    progress.tell(events[0])
    assert len(progress.picture()["notes"]) == 1
    progress.tell(ReportWritten(Path("report.html")))
    progress.enter(Phase.done, report=Path("report.html"))
    assert progress.picture()["report"] == 2
