"""What is shown while a study runs."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from normlab.cli.bars import bars
from normlab.cli.study_display import Bars, Display, Lines
from normlab.events import (
    BatchDone,
    Decoded,
    EngineChosen,
    EpochDone,
    Event,
    FaultFound,
    Fetched,
    FileRefused,
    ImagesNoted,
    LambdaTried,
    Planned,
    RunKept,
)

if TYPE_CHECKING:
    from comparisons import Make


def shown(kind: type[Display], events: list[Event], *, faults: bool = True, width: int = 100) -> str:
    """What a display of these events leaves on a screen."""
    screen = io.StringIO()
    with bars(Console(file=screen, force_terminal=kind is Bars, width=width)) as drawn:
        display = kind(drawn, faults=faults)
        for event in events:
            display.tell(event)
        if kind is Bars:
            drawn.refresh()
    return screen.getvalue()


@pytest.mark.parametrize("kind", [Bars, Lines])
def test_what_is_found_before_training_has_a_line(make: Make, kind: type[Display]) -> None:
    """The search for λ, a fault, the engine, what is kept and owed, and each run as it ends."""
    (run, *_) = make(arms=[{"norm": "bn"}], seeds=1).runs
    told = shown(
        kind,
        [
            LambdaTried("prox", 0.1, 0.25),
            FaultFound("warning", "something is odd"),
            EngineChosen("eager", "lanes does not know it"),
            FileRefused("ab" * 32, "its weights were changed"),
            Planned(1, 2),
            RunKept(run),
        ],
    )
    assert "prox: λ = 0.1 leaves 25.0% of the sparsest layer after a short run" in told
    assert "warning: something is odd" in told
    assert "engine eager: lanes does not know it" in told
    assert "left in the spool, not kept: abababababab (its weights were changed)" in told
    assert "1 kept, 2 to train" in told
    assert f"{run.final.judged_accuracy:.2f} % after {len(run.epochs)} epochs" in told
    assert ("2 of 3 runs done" if kind is Bars else "[2/3]") in told


@pytest.mark.parametrize("kind", [Bars, Lines])
def test_faults_are_told_where_something_is_concluded(kind: type[Display]) -> None:
    """Not of networks that are trained to be looked into."""
    assert "odd" not in shown(kind, [FaultFound("warning", "something is odd")], faults=False)


def test_a_run_counts_by_what_is_done_of_it_and_a_download_counts_nothing() -> None:
    """Half a run of one; the download beside it has a bar of its own."""
    told = shown(Bars, [Fetched("some.gz", 500, 1000), Planned(0, 1), BatchDone("bn · seed 0", 2, 2, 1, 10, 0.5, 3, 4)])
    assert "500 bytes of 1.0 kB" in told
    assert "0 of 1 run done" in told
    assert "epoch 2/2  train 75.00 %" in told


def test_the_reading_of_images_is_shown() -> None:
    """How many of how many on a bar, and on a line what is to be known of them."""
    told = shown(Bars, [Decoded("photos: images", 1000, 60_000), ImagesNoted("there are no test images")])
    assert "1,000 of 60,000" in told
    assert "images: there are no test images" in told


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_name_leaves_room_for_its_numbers(make: Make, width: int) -> None:
    """Both ends of the name, which has the seed, the accuracy, and the time left."""
    (run,) = make(arms=[{"norm": "bn"}], seeds=1).runs
    name = f"{'the usual network ' * 4}· seed 3"
    told = shown(Bars, [Planned(0, 1), EpochDone(name, 20, run.epochs[0])], width=width)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told)
    assert re.search(r"the usu.*….*· seed 3 [━╸╺]+ +epoch 2/20  judged \d\d\.\d\d % +--:--", plain)
