from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normlab.analysis import judge
from normlab.analysis.misled import misled
from normlab.records import Comparison
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make


def scored(comparison: Comparison, scores: dict[tuple[str, int], tuple[int, int]]) -> Comparison:
    """The comparison, had each run these images right after its first and its last of two epochs."""
    runs = []
    for run in comparison.runs:
        first, last = scores[run.arm, run.seed]
        epochs = [replace(run.epochs[0], judged_correct=first), replace(run.epochs[1], judged_correct=last)]
        runs.append(replace(run, epochs=epochs))
    return replace(comparison, runs=runs)


def test_the_usual_way_is_played_through_with_every_seed(make: Make) -> None:
    """By best epoch bn wins once, ln once, and once they tie; one winner is none by its final epoch."""
    comparison = scored(
        make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=3, epochs=2),
        {
            ("bn", 0): (995, 990),
            ("ln", 0): (991, 992),
            ("bn", 1): (990, 991),
            ("ln", 1): (990, 993),
            ("bn", 2): (994, 990),
            ("ln", 2): (994, 994),
        },
    )
    (one,) = misled(comparison, judge(comparison))
    assert (one.seeds, one.winners, one.shared, one.different) == (3, {"bn": 1, "ln": 1}, 1, 1)
    assert (
        "One seed of each, ranked by best test epoch, would have named bn on 1 and ln on 1 of 3 seeds, with a tie on 1"
        "; the same seed's final epoch has another winner on 1."
    ) in build(comparison).findings


def test_one_seed_is_not_played_through(make: Make) -> None:
    """There is nothing to repeat."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1)
    assert misled(comparison, judge(comparison)) == ()
