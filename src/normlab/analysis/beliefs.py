"""The Bayesian view of a pair, and why there is none: see `stats.beliefs`."""

from __future__ import annotations

from normlab.analysis.contrasts import Contrast
from normlab.stats import beliefs
from normlab.stats.beliefs import Beliefs


def believed(contrast: Contrast, margin: float) -> Beliefs | None:
    """How probable it is that the first arm is better, equal within `margin` or worse; None where `unbelieved`."""
    if unbelieved(contrast):
        return None
    return beliefs.beliefs(contrast.differences, margin, higher=contrast.outcome.higher)


def unbelieved(contrast: Contrast) -> str:
    """Why a pair has no probabilities; empty where it has.

    Runs that an arm failed alone are no part of the differences: probabilities of the others would speak for it.
    """
    if any(contrast.failures.counts.alone):
        return "an arm failed where the other did not"
    if len(contrast.seeds) < 2:
        return "fewer than two seeds"
    return "" if len(set(contrast.differences)) > 1 else "equal differences show no spread"
