"""Expected calibration error, see `outcomes.calibrated`: what is compared, and how much of it is chance."""

from __future__ import annotations

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen


def debiased(seen: Seen) -> float | None:
    """The debiased estimate, in percentage points, from a little below 0 to 100."""
    found = seen.calibration
    return None if found is None else 100 * found.debiased


def plain(seen: Seen) -> float | None:
    """The error as it is mostly printed, in percentage points, 0 to 100: biased upwards."""
    found = seen.calibration
    return None if found is None else 100 * found.plain


def by_chance(seen: Seen) -> float | None:
    """What the plain error would be on average if the run's probabilities were perfect, in percentage points."""
    found = seen.calibration
    return None if found is None else 100 * found.by_chance


ECE = Outcome("ece", "calibration error", "points", "points", higher=False, digits=3, read=debiased)
PLAIN_ECE = Outcome(
    "ece-plain", "calibration error with its bias", "points", "points", higher=False, digits=3, read=plain
)
ECE_BY_CHANCE = Outcome(
    "ece-by-chance", "calibration error by chance alone", "points", "points", higher=False, digits=3, read=by_chance
)
