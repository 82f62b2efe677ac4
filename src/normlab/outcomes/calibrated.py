"""Expected calibration error: how far the probability of the class that is named lies from how often it is right.

    ECE = Σ_b n_b/n · |accuracy_b − mean probability_b|

over bins of equally many images, by the probability of their most probable class. It is never below 0, so that it is
biased upwards: a network whose probabilities are perfect has one above 0 as well, by the chance of finitely many images
in each bin, the fewer images and the more bins, the more. How much is known,

    by chance = Σ_b n_b/n · E|Binomial(n_b, mean probability_b) / n_b − mean probability_b|,

and what is compared is Kumar's debiased estimate, with the mean over its normal draws in closed form:

    bias = Σ_b n_b/n · (E|N(accuracy_b − mean probability_b, accuracy_b·(1 − accuracy_b)/n_b)| − |the same difference|)

It takes off nearly all where a network is far from calibrated, and √2 − 1, 41 %, of what perfect probabilities have by
chance: some bias is left. It may fall a little below 0.

Sources: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On Calibration of Modern Neural Networks, ICML 2017; K. Nguyen and
B. O'Connor, EMNLP 2015 (bins of equally many); A. Kumar, P. Liang and T. Ma, Verified Uncertainty Calibration, NeurIPS
2019, and the code beside it; A. de Moivre, 1730, for the mean distance of a binomial from its mean (P. Diaconis and
S. Zabell, Statistical Science 6, 1991).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15
"""Of equally many images each, up to one more; as many as there are images where these are fewer."""
LEAST = 1e-100
"""Shares below are taken for this one: SciPy overflows at the smallest of floats."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """The `plain` error, what is taken off it, `bias`, and what perfect probabilities had `by_chance`: 0 to 1."""

    plain: float
    bias: float
    by_chance: float

    @property
    def debiased(self) -> float:
        """The error without its bias, from a little below 0 to 1."""
        return self.plain - self.bias


def calibration(sureness: ArrayLike, right: ArrayLike, bins: int = BINS) -> Calibration:
    """The expected calibration error.

    Args:
        sureness: the probability of the class that is named, 0 to 1, shape (images,); of equal ones the earlier image
            counts as the lower.
        right: whether that is the right class, shape (images,).
        bins: at least 1.

    Raises:
        ValueError: there is no image, or no bin.
    """
    sure, hit = np.asarray(sureness, np.float64), np.asarray(right, np.float64)
    if not sure.size or bins < 1:
        raise ValueError(f"expected an image and a bin, got {sure.size} and {bins}")
    order = np.argsort(sure, kind="stable")
    sizes = np.array([part.size for part in np.array_split(order, min(bins, sure.size))])
    starts = np.cumsum(sizes) - sizes
    named, came = (np.add.reduceat(values[order], starts) / sizes for values in (sure, hit))
    gap, spread = came - named, np.sqrt(came * (1 - came) / sizes)
    plain = float(np.average(np.abs(gap), weights=sizes))
    bias = float(np.average(_mean_size(gap, spread), weights=sizes)) - plain
    return Calibration(plain, bias, float(np.average(_mean_distance(sizes, named), weights=sizes)))


def _mean_size(middle: Floats, spread: Floats) -> Floats:
    """E|N(middle, spread²)|, the mean of a folded normal distribution."""
    z = np.divide(np.abs(middle), spread, out=np.full_like(middle, np.inf), where=spread > 0)
    erf = np.array([math.erf(value / math.sqrt(2)) for value in z])
    return np.asarray(spread * math.sqrt(2 / math.pi) * np.exp(-(z**2) / 2) + np.abs(middle) * erf)


def _mean_distance(sizes: NDArray[np.int64], shares: Floats) -> Floats:
    """E|Binomial(n, p) / n − p| = 2·k·(1 − p)·P(Binomial(n, p) = k) / n with k = ⌊n·p⌋ + 1; 0 where p is 1."""
    from scipy.stats import binom

    k = np.floor(sizes * shares) + 1
    return np.asarray(2 * k * (1 - shares) * binom.pmf(k, sizes, np.clip(shares, LEAST, 1)) / sizes)
