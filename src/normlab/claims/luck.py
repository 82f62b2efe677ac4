"""A number that was chosen because it is high: what the table says of that, and what is taken off for it.

The best epoch on the test set is the best of so many numbers that hang together, and nobody knows how many: such a
claim gets no verdict. The best of k runs is too high by what the largest of k normal values lies above their mean,

    e(k) = ∫ x dΦ(x)^k   standard deviations over seeds: 0.56 for 2 runs, 1.16 for 5, 1.54 for 10,

which is taken off. What is left is one number, and counts as one run.

Source: L. H. C. Tippett, On the extreme individuals and the range of samples taken from a normal population,
Biometrika 17, 1925.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from normlab.claims.claim import Claim

MOST = r"(?:best|max|maximum|highest)"
BEST_OF = re.compile(rf"\b{MOST} (?:out )?(?:of|over|from) (?:the )?([1-9][0-9]{{0,5}})\b(?! ?epoch)")
BEST = re.compile(
    rf"\b(?:{MOST}|peak) (?:test )?(?:epoch|checkpoint|accuracy|acc|run|seed)s?\b"
    rf"|\b{MOST} (?:out )?(?:of|over|from) (?:the |all |its )?(?:epoch|run|seed|trial|k\b|n\b|[0-9])"
    r"|\((?:best|max|peak)\)|[,:] ?(?:best|max|peak)(?=;|$)"
)
"""Not "best validation epoch": that was chosen on other images."""
SCORES = re.compile(r"acc|score|top ?[15]")
NO = {"", "0", "-", "no", "none", "false", "final", "last"}


def said(name: str, others: Mapping[str, str]) -> str:
    """What a row says beside its numbers: its name, and the columns that are not known here, as "best of" is.

    A column that is a score itself, as the best accuracy beside the mean is, says nothing of the one that is claimed.
    """
    kept = [(head, cell) for head, cell in others.items() if cell.lower() not in NO and not SCORES.search(head)]
    return plain("; ".join([name, *(f"({cell}) {head} {cell}" for head, cell in kept)]))


def plain(text: str) -> str:
    """Small letters, and a blank where words are set apart in any way."""
    return re.sub(r"[\s_-]+", " ", text.lower())


def best_of(text: str) -> int | None:
    """Of how many runs a claim is the best, by what its row says; None where it says no number."""
    found = BEST_OF.search(text)
    return int(found[1]) if found else None


def chosen(text: str) -> bool:
    """Whether a row says that its number is the best of something else than of so many runs."""
    return BEST.search(BEST_OF.sub("", text)) is not None


def expected(runs: int) -> float:
    """e(k), by the trapezoidal rule to 1e-6: what the best of `runs`, 1 or more, lies above their mean, in sds."""
    from scipy.special import ndtr

    right = np.linspace(0, 10, 10_001)
    return float(np.trapezoid(1 - ndtr(right) ** runs - ndtr(-right) ** runs, right))


def without(claim: Claim) -> Claim:
    """The claim with its luck taken off, as one run; itself where it is not the best of a number of runs."""
    if claim.best_of is None:
        return claim
    off = min(claim.accuracy, expected(claim.best_of) * claim.spread)
    return replace(claim, accuracy=claim.accuracy - off, seeds=1, off=off)
