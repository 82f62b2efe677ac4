"""The chart of a suite: every pair on every data set, over all of them, and on others like them."""

from __future__ import annotations

from normlab.analysis import Contrast
from normlab.analysis.across import AcrossPair
from normlab.show import paired
from normlab.show.figure import Figure, figure
from normlab.stats.intervals import Interval
from normlab.suites.said import Said
from normlab.suites.words import within, word

LINES = 40
"""Lines that a chart has at most: more are no longer read."""
ALL = "over all"


def figures(said: Said) -> list[Figure]:
    """The differences; nothing where no pair has a seed."""
    every = [line for pair in said.across.pairs for line in _lines(pair)]
    lines = every[:LINES]
    if not any(line.differences for line in lines):
        return []
    chart = paired.paired(lines, said.rules.margin, paired.edge(lines), f"first − second ({said.outcome.apart})")
    told = (
        "Each small mark is one seed, over all data sets its mean over them; the large mark is the mean, the line its "
        f"interval, the thin line that on data sets like these. The band is ±{within(said)}, what does not matter."
    )
    left = f" Of {len(every)} lines the first {LINES} are shown." if len(every) > LINES else ""
    return [figure("across", "Differences on each data set and over all", told + left, chart)]


def _lines(pair: AcrossPair) -> list[paired.Line]:
    lead = " − ".join(pair.arms)
    each = [_line(f"{lead} · {label}", one, None) for label, one in pair.on.items()]
    return [*each, _line(f"{lead} · {ALL}", pair.everywhere, pair.like)]


def _line(name: str, one: Contrast, like: Interval | None) -> paired.Line:
    found = one.interval if one.interval and one.interval.width else None
    return paired.Line(
        name,
        one.seeds,
        one.differences,
        one.mean,
        (found.low, found.high) if found else None,
        one.verdict.kind,
        word(one.verdict),
        (like.low, like.high) if like else None,
    )
