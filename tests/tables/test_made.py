"""What the columns beside arm, seed and score say of how runs were made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from normlab import judge


def runs(score: str = "accuracy", seeds: tuple[int, ...] = (0, 1, 2), **more: tuple[Any, Any]) -> list[dict[str, Any]]:
    """Three runs each of two norms, with what else each norm had."""
    return [
        {"norm": norm, "seed": seed, score: 99 - place + 0.01 * (seed * (1 + place) % 7)}
        | {head: cells[place] for head, cells in more.items()}
        for place, norm in enumerate(("bn", "gn"))
        for seed in seeds
    ]


def notes(table: Any, **more: Any) -> list[str]:
    """What is said of it."""
    return judge(table, **{"arm": "norm", **more}).notes()


def test_a_sound_table_has_no_notes() -> None:
    """The same settings, seeds in a row, the last epoch's accuracy."""
    assert notes(runs(lr=(0.1, 0.1), epochs=(4, 4), gpu=("a", "b"))) == []


@pytest.mark.parametrize(("head", "cells"), [("epochs", (4, 8)), ("lr", (0.1, 0.01)), ("augment", (True, False))])
def test_settings_that_arms_do_not_share(head: str, cells: tuple[Any, Any]) -> None:
    """They may be what makes the difference; as a part of the arm they are told by its name."""
    (note,) = notes(runs(**{head: cells}))
    assert note.startswith(f"{head} is not the same in all arms (bn ")
    crossed = [{**row, head: cell} for cell in cells for row in runs()]
    assert notes(crossed, arm=["norm", head]) == []


def test_what_a_table_admits() -> None:
    """In a column of its own."""
    (note,) = notes(runs(tuned_on=("test", "test")))
    assert "something was chosen on the test set" in note


@pytest.mark.parametrize(("score", "told"), [("best_accuracy", 1), ("max val acc", 1), ("accuracy", 0)])
def test_a_score_that_is_called_best(score: str, told: int) -> None:
    """It is no last epoch's."""
    found = notes(runs(score), score=score)
    assert len(found) == told
    assert all("by its name" in note for note in found)


def test_seeds_with_gaps() -> None:
    """And without."""
    (note,) = notes(runs(seeds=(3, 17, 42)))
    assert note.startswith("the seeds 3, 17, 42 do not follow each other")
    assert notes(runs(seeds=(7, 8, 9))) == []


def test_a_wide_table_has_no_other_columns(tmp_path: Path) -> None:
    """Its seeds are looked at all the same."""
    (tmp_path / "wide.csv").write_text("seed,bn,gn\n0,99,98\n5,99.1,98.2\n6,99.2,98.1\n")
    (note,) = judge(tmp_path / "wide.csv", score="accuracy").notes()
    assert note.startswith("the seeds 0, 5, 6 ")
