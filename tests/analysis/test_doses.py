from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normlab.analysis.doses import lines
from normlab.stats.intervals import within_seeds

if TYPE_CHECKING:
    from comparisons import Make

SIZES = [64, 16, 256]


def test_a_line_rises_with_its_levels(make: Make) -> None:
    """However they were written down; one line for each norm, with means and intervals within seeds."""
    made = make(vary={"norm": ["bn", "ln"], "batch_size": SIZES}, seeds=4)
    found = lines(made)
    assert [[point.arm.name for point in line.points] for line in found] == [
        [f"{norm} · batch {size}" for size in (16, 64, 256)] for norm in ("bn", "ln")
    ]
    scores = [[run.final.judged_accuracy for run in made.of(point.arm.name)] for point in found[0].points]
    assert [point.mean for point in found[0].points] == pytest.approx([sum(values) / 4 for values in scores])
    assert [point.interval for point in found[0].points] == within_seeds(scores)


def test_only_seeds_that_all_levels_have_count(make: Make) -> None:
    """So that a difference along the line is one of the same seeds."""
    (line,) = lines(make(vary={"batch_size": SIZES}, diverged=[("batch 64", 1, 2)]))
    assert line.seeds == (0, 2)


def test_a_level_without_a_run_is_left_out(make: Make) -> None:
    """Three of four levels are a line, two of three are none."""
    gone = [("batch 64", seed, 1) for seed in range(3)]
    (line,) = lines(make(vary={"batch_size": [*SIZES, 128]}, diverged=gone))
    assert [point.arm.name for point in line.points] == ["batch 16", "batch 128", "batch 256"]
    assert lines(make(vary={"batch_size": SIZES}, diverged=gone)) == ()


def test_factors_without_an_order_have_no_line(make: Make) -> None:
    """Norms stand beside each other and not along an axis."""
    assert lines(make(vary={"norm": ["bn", "ln", "in"]})) == ()


def test_narrower_questions_and_a_baseline_leave_the_lines(make: Make) -> None:
    """What is seen is more than what is asked."""
    vary = {"norm": ["bn", "ln"], "batch_size": SIZES}
    assert len(lines(make(vary=vary, questions=["norm"]))) == 2
    assert len(lines(make(vary=vary, baseline="bn · batch 64"))) == 2
