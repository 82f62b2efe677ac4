"""One row of somebody's table of accuracies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """`accuracy` percent of `images` right, the mean over `seeds` runs; `sd` is their spread in points, if told.

    Claims are compared with those of the same `source`, a paper or whatever else keeps them apart.
    `best_of` is of how many runs it is the best, where the table says so, and `off` the points that were taken off for
    that; `chosen` says that it is the best of numbers that nobody counted, as its best epoch is (`claims.luck`).
    `spread_as` is what the table calls the spread, "sd" or "se", and `beside` what stands in other columns.
    """

    name: str
    accuracy: float
    images: int
    seeds: int = 1
    sd: float | None = None
    source: str = ""
    best_of: int | None = None
    off: float = 0.0
    chosen: bool = False
    spread_as: str = field(default="", compare=False)
    beside: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def spread(self) -> float:
        """The sd over seeds in points: as told, or as small classifiers usually have it, √(err · (1 − err) / 2n).

        Source: K. Jordan, Calibrated chaos: variance between runs of neural network training is harmless and
        inevitable, arXiv 2304.01910. An error of less than one image counts as one.
        """
        if self.sd is not None:
            return self.sd
        wrong = max(1 - self.accuracy / 100, 1 / self.images)
        right = max(self.accuracy / 100, 1 / self.images)
        return 100 * math.sqrt(min(wrong * right, 0.25) / (2 * self.images))
