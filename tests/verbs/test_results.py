"""What a result shows of itself: in a line, as a frame, as a chart, in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from normlab.errors import StoreError, UnknownName
from normlab.records import Comparison
from normlab.report import charts
from normlab.report.view import build
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


def test_a_study_gives_its_frames(six: Comparison) -> None:
    """Runs unless others are asked for."""
    assert len(result(six).frame()) == len(six.runs)
    assert len(result(six).frame("epochs")) == 5 * len(six.runs)


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_a_study_gives_each_chart_by_its_name(six: Comparison) -> None:
    """The differences unless another is asked for; each is the one of the report."""
    for figure in charts.figures(build(six).facts):
        assert result(six).plot(figure.name).to_dict(validate=False) == figure.chart.to_dict(validate=False)
    assert result(six).plot().title.text == result(six).plot("differences").title.text


@pytest.mark.slow
def test_an_unknown_chart_is_refused_with_those_that_there_are(six: Comparison) -> None:
    """The nearest first."""
    with pytest.raises(UnknownName, match="unknown chart 'final': did you mean finals"):
        result(six).plot("final")


def test_a_study_without_a_run_has_no_chart(make: Make) -> None:
    """The error says how to come by one."""
    nothing = result(make(vary={"norm": ["bn", "ln"]}, seeds=1, missing=2))
    with pytest.raises(StoreError, match="no run is finished; train first: normlab compare compare"):
        nothing.plot()
