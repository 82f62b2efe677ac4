"""The Bayesian view of each pair in words, beside the verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Contrast, Facts
from normlab.analysis.beliefs import believed, unbelieved
from normlab.report.words.amounts import within
from normlab.show.numbers import MISSING, plural, share

HEADING, ANCHOR = "As probabilities", "as-probabilities"
TOLD = 8
"""Pairs that are told one by one; of more, the table has all."""


def sentences(facts: Facts) -> Iterator[str]:
    """What it is and what it leaves out, then each pair; nothing where no pair has probabilities."""
    margin = facts.rules.margin
    known = [contrast for contrast in facts.contrasts if believed(contrast, margin)]
    if facts.paths or not known:
        return
    yield (
        "A view beside the verdicts, and not one of them: Student’s posterior of the mean difference over seeds, under "
        f"a flat prior, practically equal within ±{within(margin, facts.outcome)}. It knows nothing of looks, failed "
        "runs and the number of pairs."
    )
    begun = [contrast for contrast in facts.contrasts if contrast.seeds]
    yield from (f"{contrast.first} against {contrast.second}: {told(contrast, margin)}." for contrast in begun[:TOLD])
    if left := len(begun[TOLD:]):
        yield f"{plural(left, 'more pair')} in the table of the numbers behind the verdicts."


def told(contrast: Contrast, margin: float) -> str:
    """`better 97%, equal 3%, worse < 1%`, or why there is nothing to say."""
    found = believed(contrast, margin)
    if found is None:
        return f"none, {unbelieved(contrast)}"
    return f"better {share(found.better)}, equal {share(found.equal)}, worse {share(found.worse)}"


def cell(contrast: Contrast, margin: float) -> str:
    """The three as a table has them, or a dash."""
    found = believed(contrast, margin)
    return " / ".join(map(share, (found.better, found.equal, found.worse))) if found else MISSING
