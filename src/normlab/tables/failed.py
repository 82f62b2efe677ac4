"""What is said of failed runs of a table: how many of each arm, whether an arm fails more often, what collapsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.show import failing
from normlab.show.numbers import between, fixed, listing, plural
from normlab.spec.problems import one_line
from normlab.stats import estimates
from normlab.stats.failures import Often
from normlab.tables.arms import TableArm
from normlab.tables.pairs import TablePair

NAMED = 3
"""Arms that are named at most; more are counted."""


def count(arm: TableArm) -> str:
    """The scores that its mean is of, and how many runs failed beside these or among them: `9 (1 failed)`."""
    low = sum(arm.collapsed)
    told = ([f"{len(arm.lost)} failed"] if arm.lost else []) + ([f"{low} collapsed"] if low else [])
    return f"{len(arm.scores)} ({', '.join(told)})" if told else str(len(arm.scores))


def short(arms: Sequence[TableArm], pairs: Sequence[TablePair]) -> Iterator[str]:
    """Which arms failed how often, and which is known to do so more often, all in a line; nothing where none failed."""
    some = sorted((arm for arm in arms if arm.failures), key=lambda arm: -arm.failures)
    if some:
        named = [f"{one_line(arm.name)} {arm.failures} of {len(arm.scores) + len(arm.lost)}" for arm in some[:NAMED]]
        others = [f"{len(some) - NAMED} more arms"] if len(some) > NAMED else []
        known = [f"{first} fails more often than {second}" for first, second in _more_often(pairs)]
        more = [f"{len(known) - NAMED} more such differences"] if len(known) > NAMED else []
        often = listing([*known[:NAMED], *more]) if known else "none is known to do so more often"
        yield f"Failed: {', '.join([*named, *others])}; {often}."


def sentences(pairs: Sequence[TablePair]) -> Iterator[str]:
    """Each pair of which an arm failed: how often each did, and whether one does so more often."""
    for pair in pairs:
        if any(pair.failures.counts.failed):
            yield failing.sentence(one_line(pair.first.name), one_line(pair.second.name), pair.failures)


def collapsed(arms: Sequence[TableArm], digits: int) -> Iterator[str]:
    """Which arms have runs that are far worse than their others."""
    for arm in arms:
        low = [score for score, is_low in zip(arm.scores, arm.collapsed, strict=True) if is_low]
        if low:
            usual = fixed(float(estimates.mean(arm.sound)), digits)
            yield (
                f"{one_line(arm.name)} collapsed in {len(low)} of {plural(len(arm.scores), 'run')} "
                f"({between(low, digits)}, where its others reach {usual}): its mean counts that, differences do not."
            )


def _more_often(pairs: Sequence[TablePair]) -> Iterator[tuple[str, str]]:
    """The names of the arm that fails more often, and of the other."""
    for pair in pairs:
        names = one_line(pair.first.name), one_line(pair.second.name)
        if pair.failures.often is not Often.open:
            yield names if pair.failures.often is Often.more else names[::-1]
