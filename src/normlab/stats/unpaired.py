"""Two arms that share no seeds: Welch's t test, its interval, and equivalence by two one-sided tests of the kind.

    t = (x̄ − ȳ − value) / e,   e² = s²/n + r²/m,   degrees of freedom ν = e⁴ / ((s²/n)² / (n − 1) + (r²/m)² / (m − 1))

Neither the spreads nor the numbers of runs have to be equal. What differs from seed to seed in both arms alike stays in
the spread, so that the same runs say less than they would paired.

Sources: B. L. Welch, Biometrika 34, 1947; D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987;
H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18, 1947, for `beats`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from normlab.stats import estimates
from normlab.stats.intervals import Interval


@dataclass(frozen=True)
class Unpaired:
    """The scores of two arms, of at least one run each, in one unit. Its length is the runs of the smaller arm."""

    first: tuple[float, ...]
    second: tuple[float, ...]

    def __len__(self) -> int:
        return min(len(self.first), len(self.second))

    @property
    def mean(self) -> float:
        """The mean of `first` − the mean of `second`."""
        return float(estimates.mean(self.first) - estimates.mean(self.second))

    @property
    def sd(self) -> float | None:
        """The spread of the difference of two single runs, √(s² + r²); None where an arm has one run."""
        one, other = estimates.sd(self.first), estimates.sd(self.second)
        return None if one is None or other is None else math.hypot(float(one), float(other))

    @property
    def beats(self) -> float:
        """The share of pairs of runs in which the first arm has the higher score, ties counted half."""
        return float(estimates.beats(np.subtract.outer(np.array(self.first), np.array(self.second)).ravel()))

    def differs(self) -> float:
        """Two-sided p-value that the means differ; 1 where nothing shows a spread, or an arm has one run."""
        return min(1.0, 2 * self._tail(abs(self.mean)))

    def equal(self, margin: float) -> float:
        """P-value of two one-sided tests that the means are at least `margin` apart: small where they are not.

        1 where nothing shows a spread, or an arm has one run.
        """
        return self._tail(margin - abs(self.mean))

    def interval(self, level: float) -> Interval | None:
        """Of the difference in means, at confidence `level` (0 to 1); None where an arm has one run."""
        from scipy.special import stdtrit

        if self.sd is None:
            return None
        error, freedom = self._error()
        reach = float(stdtrit(freedom, (1 + level) / 2)) * error if error else 0.0
        return Interval(self.mean - reach, self.mean + reach, level)

    def _tail(self, distance: float) -> float:
        """P(t > distance / e)."""
        from scipy.special import stdtr

        error, freedom = self._error()
        return float(stdtr(freedom, -distance / error)) if error else 1.0

    def _error(self) -> tuple[float, float]:
        """The standard error of the difference and its degrees of freedom; 0 and 0 where there is no spread."""
        if self.sd is None:
            return 0.0, 0.0
        arms = self.first, self.second
        parts = [float(np.var(np.subtract(arm, arm[0]), ddof=1)) / len(arm) for arm in arms]
        if not sum(parts):
            return 0.0, 0.0
        whole = sum(parts)
        shares = sum((part / whole) ** 2 / (len(arm) - 1) for part, arm in zip(parts, arms, strict=True))
        return math.sqrt(whole), 1 / shares
