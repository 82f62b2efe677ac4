"""Accuracy: the percent of evaluation images whose most probable class is the right one."""

from __future__ import annotations

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen


def accuracy(seen: Seen) -> float:
    """After the last epoch, 0 to 100."""
    last = seen.run.epochs[-1]
    return 100 * last.judged_correct / last.judged_images


ACCURACY = Outcome(
    "accuracy", "accuracy", "%", "points", higher=True, digits=2, read=accuracy, perfect=100, widest=100, margin=0.1
)
