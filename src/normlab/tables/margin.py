"""The difference that matters, where the user does not say: known for accuracies alone."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from normlab.errors import SpecError
from normlab.stats.equivalence import MARGIN
from normlab.tables.names import is_accuracy
from normlab.tables.runs import Run


def usual(score: str | None, runs: Sequence[Run]) -> float | None:
    """`MARGIN` points for accuracies in percent, the same of fractions from 0 to 1; None for any other score.

    Raises `SpecError` for a score that is no accuracy, though it is called one.
    """
    if score is None or not is_accuracy(score):
        return None
    ended = [run for run in runs if not run.failed]
    _from_0_to(100, ended)
    if median(run.score for run in ended) <= 1:
        _from_0_to(1, ended)
        return MARGIN / 100
    _no_fraction(ended)
    return MARGIN


def _from_0_to(most: int, runs: Sequence[Run]) -> None:
    wrong = next((run for run in runs if not 0 <= run.score <= most), None)
    if wrong is not None:
        kind = "an accuracy in percent" if most > 1 else "a fraction, as the others are,"
        raise SpecError(f"{wrong.place}: expected {kind} from 0 to {most}, got {wrong.score:g}")


def _no_fraction(runs: Sequence[Run]) -> None:
    """A fraction among percent; what is far lower even so, a run at chance among many classes, stays."""
    least = min(run.score for run in runs if run.score > 1)
    wrong = next((run for run in runs if 0 < run.score <= 1 and 100 * run.score >= least / 2), None)
    if wrong is not None:
        raise SpecError(f"{wrong.place}: expected percent, as the others are, got {wrong.score:g}")
