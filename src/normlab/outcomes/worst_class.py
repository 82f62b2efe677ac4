"""The accuracy of the class that a run tells worst."""

from __future__ import annotations

import numpy as np

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen


def worst_class(seen: Seen) -> float | None:
    """The lowest percent right over the classes that have evaluation images, 0 to 100; another class in each run.

    The lowest of several lies below what it would on more images, the more so the fewer a class has: compare arms on
    the same images only.
    """
    if seen.right is None:
        return None
    images = np.bincount(seen.labels)
    right = np.bincount(seen.labels[seen.right], minlength=len(images))
    judged = images > 0
    return float(100 * np.min(right[judged] / images[judged]))


WORST_CLASS = Outcome(
    "worst-class",
    "accuracy of the worst class",
    "%",
    "points",
    higher=True,
    digits=2,
    read=worst_class,
    perfect=100,
    widest=100,
)
