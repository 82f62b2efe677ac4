"""What suites came to, as a table, and which promises the figures speak against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.calibration.cells import percent, row, share
from normlab.calibration.over_data import OverData, Suites
from normlab.stats.verdict import Rules

HEADS = (
    "data sets",
    "a seed’s luck is one",
    "seeds",
    "better or worse",
    "equivalent",
    "it depends",
    "it does not",
)


def lines(found: Sequence[OverData], rules: Rules) -> Iterator[str]:
    """The table, with what it promises."""
    confidence, level = share(rules.confidence), share(rules.level)
    yield (
        "False claims of 3 arms over several data sets, and of changes from one to another (promised: at most "
        f"{share(1 - rules.confidence)} of each kind), and how often intervals of a single pair hold:"
    )
    yield ""
    yield row(
        *HEADS,
        f"over these ({confidence})",
        f"variances added up ({confidence})",
        f"like these ({level})",
        "the same, without effects",
    )
    yield f"| --- | --- |{' ---: |' * 9}"
    for one in found:
        rates = (one.winner, one.equivalence, one.depends, one.same, one.held, one.added, one.like, one.like_alike)
        yield row(_spreads(one.suites), f"{100 * one.suites.alike:g} %", str(one.seeds), *map(percent, rates))
    yield ""


def broken(found: Sequence[OverData], rules: Rules) -> list[str]:
    """Rates whose whole interval lies beyond what was promised."""
    told = []
    for one in found:
        where = f"over {_spreads(one.suites)} at {one.seeds} seeds"
        false = {"false winner": one.winner, "false equivalence": one.equivalence}
        false |= {"false change": one.depends, "false sameness": one.same}
        told += [f"a {what} {where} in {percent(r)}" for what, r in false.items() if r.low > 1 - rules.confidence]
        if one.held.high < rules.confidence:
            told.append(f"the interval {where} holds in {percent(one.held)} of pairs")
        if min(one.like.high, one.like_alike.high) < rules.level:
            told.append(f"the interval for others like them {where} holds in {percent(one.like)} of pairs")
    return told


def _spreads(suites: Suites) -> str:
    """For instance `3, spreads 0.05 to 0.4`."""
    low, high = min(suites.spreads), max(suites.spreads)
    return f"{len(suites.spreads)}, " + (f"spread {low:g}" if low == high else f"spreads {low:g} to {high:g}")
