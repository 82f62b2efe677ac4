"""How often arms fail: which runs collapsed, and a sentence for each pair of which an arm failed."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Contrast, Facts
from normlab.analysis.arms import ArmRow, Collapse
from normlab.show import failing
from normlab.show.numbers import fixed, listing, plural
from normlab.stats.failures import Often

HEADING, ANCHOR = "How often does an arm fail?", "how-often-failed"
TOLD = 6
"""Pairs that are told one by one; of more, those where an arm fails more often, and how many others there are."""
NAMED = 3
"""Runs, or arms, that are named; the others are counted."""


def collapsed(facts: Facts) -> Iterator[str]:
    """Which runs ended far below their arm's others, those apart that learned nothing at all."""
    for row in facts.arms:
        stuck = {run.seed for run in row.at_chance}
        low = [run for run in row.collapsed if run.seed not in stuck]
        if low:
            yield (
                f"{row.name} collapsed in {len(low)} of {plural(len(row.seeds), 'run')} ({_named(low)}), where its "
                f"others reach {fixed(low[0].usual)}%. Its means count that; its differences leave such seeds out."
            )


def sentences(facts: Facts) -> Iterator[str]:
    """Each pair of which an arm failed: how often each did, and whether one does so more often."""
    pairs = _of_failed(facts)
    told = pairs if len(pairs) <= TOLD else [pair for pair in pairs if pair.failures.often is not Often.open]
    yield from (failing.sentence(*pair.arms, pair.failures) for pair in told)
    left = len(pairs) - len(told)
    if left:
        which = plural(left, "other pair" if told else "pair")
        yield f"{which} with a failed run: not enough evidence that either arm fails more often."


def short(facts: Facts) -> str:
    """The arm that failed most, and whether it does so more often than others; empty where none failed."""
    pairs = _of_failed(facts)
    if not pairs:
        return ""
    worst = max(facts.arms, key=_share)
    than = [than for pair in pairs for arm, than in _more_often(pair) if arm == worst.name]
    said = f"{worst.name} in {worst.failed} of {plural(_ended(worst), 'run')}"
    if than:
        return f"{said}, more often than {listing(than) if len(than) <= NAMED else f'{len(than)} others'}"
    return f"{said}; not enough evidence that any arm fails more often"


def evidence(facts: Facts) -> str:
    """On how many pairs that rests, and of how many something is known."""
    pairs = _of_failed(facts)
    known = sum(pair.failures.often is not Often.open for pair in pairs)
    return f"{known} of {plural(len(pairs), 'pair')} with a failed run settled"


def scope(facts: Facts) -> Iterator[str]:
    """Which runs verdicts are about, and how often an arm may fail that has not."""
    found = [pair.failures for pair in facts.contrasts]
    spared = [high for one in found for high in _spared(one.counts.failed, [rate.high for rate in one.rates])]
    if spared and max(one.counts.runs[0] for one in found) > 1:
        yield (
            f"Verdicts on {facts.outcome.title} are about runs that do not fail. An arm that did not fail here may "
            f"still do so in up to {fixed(100 * min(spared), 0)}% of its runs, at {100 * facts.rules.confidence:g}% "
            "confidence."
        )


def counts(row: ArmRow) -> str:
    """How many runs of an arm failed, and how: `6 diverged, 1 collapsed`; empty for none."""
    known = ((len(row.diverged), "diverged"), (len(row.collapsed), "collapsed"))
    return ", ".join(f"{count} {how}" for count, how in known if count)


def _named(low: list[Collapse]) -> str:
    names = [f"seed {run.seed} at {fixed(run.accuracy)}%" for run in low]
    return listing(names if len(names) <= NAMED else [*names[:NAMED], f"{len(names) - NAMED} more"])


def _spared(failed: tuple[int, int], highest: list[float]) -> Iterator[float]:
    """The upper ends of the rates of arms that have not failed."""
    yield from (high for count, high in zip(failed, highest, strict=True) if not count)


def _of_failed(facts: Facts) -> list[Contrast]:
    return [pair for pair in facts.contrasts if any(pair.failures.counts.failed)]


def _more_often(pair: Contrast) -> Iterator[tuple[str, str]]:
    """The arm that fails more often, and the other."""
    if pair.failures.often is not Often.open:
        yield pair.arms if pair.failures.often is Often.more else (pair.second, pair.first)


def _ended(row: ArmRow) -> int:
    return len(row.seeds) + len(row.diverged)


def _share(row: ArmRow) -> float:
    return row.failed / max(1, _ended(row))
