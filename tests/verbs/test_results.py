"""What a result shows of itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from normlab.records import Comparison
from normlab.verbs.results import StudyResult, TrainResult

if TYPE_CHECKING:
    from comparisons import Make

HOME = Path("normlab-out") / "compare"


def result(comparison: Comparison) -> StudyResult:
    return StudyResult(comparison, HOME, HOME / "report.html")


def test_a_study_is_one_line(make: Make) -> None:
    """Its name, how large it is, how far it has come, and where it lies."""
    comparison = make(vary={"norm": ["bn", "ln"]}, seeds=3, missing=1, diverged=[("ln", 0, 2)])
    assert repr(result(comparison)) == f"StudyResult('compare', 2 arms × 3 seeds, 4 of 6 runs finished, {HOME})"


def test_a_run_is_one_line(make: Make) -> None:
    """Which it is, what it reached, and where it lies."""
    comparison = make(vary={"norm": ["bn"]}, seeds=1, epochs=1)
    trained = TrainResult(comparison.runs[0], comparison, HOME, HOME / "curves.png", HOME / "misclassified.png")
    assert repr(trained) == f"TrainResult('bn · seed 0', 99.30% after epoch 1, {HOME})"
