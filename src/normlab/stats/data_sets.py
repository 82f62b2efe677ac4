"""What a pair's differences on several data sets say together: of these data sets, and of others like them.

Over *these* data sets each seed gives one number, the mean of its differences over them: d̄ₛ = (1/D)·Σₖ dₖₛ. The d̄ₛ are
independent and alike whatever the spreads on the data sets are, and however what a seed brings along (initial weights,
the order of images) makes its differences on them alike. So their t interval holds without a model of either, where one
that adds up variances over data sets (Welch, Satterthwaite) would need independence. It costs degrees of freedom,
n − 1 in place of up to D·(n − 1), and next to none where one data set has most of the spread.

Over data sets *like* these the data set is random: its mean difference is μ + u. The spread of the D means has that of
the u and what luck each data set has by itself; what a seed does on all of them alike is in it no more than in one of
them, but in the spread of the d̄ₛ. So half the width is

    h² = t(D − 1)²·s²(means) / D + t(n − 1)²·s²(d̄ₛ) / n,

each variance with a quantile of its own, which covers at least with the level (S. K. Banerjee, Sankhyā 22, 1960), and
is never narrower than the interval over these. Without the second part it is Student's t over data sets, Hartung and
Knapp's with equal weights.

Sources: R. DerSimonian and N. Laird, Controlled Clinical Trials 7, 1986, for the model; J. Hartung and G. Knapp,
Statistics in Medicine 20, 2001, and D. A. Follmann and M. A. Proschan, Biometrics 55, 1999, for t over few studies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from normlab.stats import estimates, intervals
from normlab.stats.counted import Counted
from normlab.stats.intervals import Interval
from normlab.stats.paired import Paired

FEWEST = 3
"""Data sets below which nothing is said of others like them: two have a spread, and one degree of freedom."""
EXACT = 12
"""Decimals that a mean of differences is taken to, so that equal ones are equal."""


def over(samples: Sequence[Paired]) -> Paired:
    """The mean over data sets for each seed; samples have the same seeds in the same order, at least one each.

    Where all are counts of errors among equally many images, so is their sum, and errors may be few (`stats.counted`).
    """
    means = estimates.mean(np.transpose([sample.differences for sample in samples]))
    found = tuple(round(float(each), EXACT) for each in means)
    counts = [sample for sample in samples if isinstance(sample, Counted)]
    if len(counts) < len(samples) or len({each.images for each in counts}) > 1:
        return Paired(found)
    errors = np.sum([each.errors for each in counts], axis=0)
    return Counted(found, tuple((int(one), int(other)) for one, other in errors), sum(each.images for each in counts))


def like(means: Sequence[float], by_seed: Sequence[float], level: float) -> Interval | None:
    """Of the mean difference on data sets like these.

    Args:
        means: shape (data sets,), the mean difference on each.
        by_seed: shape (seeds,), what `over` has, in the same unit.
        level: the confidence, above 0 and below 1.

    Returns:
        None of fewer than `FEWEST` data sets, which cannot tell how others would differ, and of one seed.
    """
    between, within = intervals.paired_t(means, level), intervals.paired_t(by_seed, level)
    if len(means) < FEWEST or between is None or within is None:
        return None
    middle, half = float(estimates.mean(means)), math.hypot(between.width, within.width) / 2
    return Interval(middle - half, middle + half, level)
