"""How far chance moves a claimed difference: by the seeds, and by the test images where the claims have others.

    e² = s²/k + r²/l + v · (1/n + 1/m)

with sds s and r over k and l seeds, and test sets of n and m images. v = x(1 − x) is the binomial variance of an image,
at that x between the two accuracies where it is largest: under the hypothesis that both networks are equally good, they
may both be as good as the one whose images scatter more. Half an image of each test set is taken off the difference, as
counts jump by one (Yates's correction).

Where n = m the images are taken for the same ones, the last term is 0, and the statement is about these images. Other
numbers of images are other images, and the statement is about all images of their kind. By the law of total variance an
accuracy averaged over seeds then has a variance of the images of p(1 − p)/n less what single images vary over seeds.
No table tells that part, so all of it counts, and a claim is supported too seldom rather than too often; so it is where
one test set is a part of the other.

Sources: B. L. Welch, Biometrika 34, 1947; T. G. Dietterich, Neural Computation 10, 1998, for two proportions; F. Yates,
Supplement to the Journal of the Royal Statistical Society 1, 1934; E. Miller, Adding error bars to evals, arXiv
2411.00640, for runs and images together.
"""

from __future__ import annotations

import math
from statistics import median

from normlab.claims.claim import Claim


def of_images(first: Claim, second: Claim) -> float:
    """The standard error of a difference that the test images leave, in points; 0 where both have the same ones."""
    if first.images == second.images:
        return 0.0
    share = median((first.accuracy / 100, 0.5, second.accuracy / 100))
    return 100 * math.sqrt(share * (1 - share) * (1 / first.images + 1 / second.images))


def distance(first: Claim, second: Claim) -> float:
    """How far two accuracies lie apart, in points, 0 or above: less half an image of each where these are others."""
    half = 0.0 if first.images == second.images else 50 / first.images + 50 / second.images
    return max(0.0, abs(first.accuracy - second.accuracy) - half)


def p_value(first: Claim, second: Claim) -> float:
    """Two-sided, by Welch's test over seeds and images; 1 where one has a single seed, or where nothing scatters.

    Where no sd is told the usual one stands for it as if it had been estimated from these seeds. What the images leave
    is known and takes no degrees of freedom.
    """
    from scipy.special import ndtr, stdtr

    parts = [claim.spread**2 / claim.seeds for claim in (first, second)]
    error = math.hypot(math.sqrt(sum(parts)), of_images(first, second))
    if min(first.seeds, second.seeds) == 1 or not error:
        return 1.0
    far = -distance(first, second) / error
    shares = sum((part / error**2) ** 2 / (claim.seeds - 1) for part, claim in zip(parts, (first, second), strict=True))
    return float(2 * (stdtr(1 / shares, far) if shares > 1e-12 else ndtr(far)))


def to_be_chance(first: Claim, second: Claim, level: float) -> float:
    """The sd over seeds, in points and the same of both, from which on their distance d is no evidence any more.

        √(((d / z)² − i²) / (1/k + 1/l))

    with z the normal quantile of `level`, two-sided, and i what the images leave; 0 where these alone may leave d.
    """
    from scipy.special import ndtri

    reach = distance(first, second) / float(ndtri((1 + level) / 2))
    left = max(0.0, reach**2 - of_images(first, second) ** 2)
    return math.sqrt(left / (1 / first.seeds + 1 / second.seeds))
