"""The two charts of a table of runs: every score by its arm, and the differences of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from normlab.show import outlook, paired, theme
from normlab.show.dots import dots
from normlab.show.figure import Figure, figure
from normlab.show.numbers import plural
from normlab.spec.problems import one_line
from normlab.stats.paired import differences
from normlab.stats.verdict import Kind
from normlab.tables.arms import TableArm, differing
from normlab.tables.pairs import TablePair
from normlab.tables.words import Said, interval_told

ARMS, PAIRS = 30, 24
"""Lines that a chart has at most: more are no longer read."""


def figures(said: Said) -> list[Figure]:
    """Scores and differences."""
    return [_scores(said), _differences(said)]


def _scores(said: Said) -> Figure:
    import altair as alt

    arms = _ends(said)
    names = [one_line(arm.name) for arm in arms]
    title = f"{one_line(said.layout.score or 'score')}, {'lower' if said.lower else 'higher'} is better"
    scale = alt.Scale(zero=False, nice=False, padding=10)
    x = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=8, labelSeparation=8), scale=scale)
    colour = alt.Color("arm:N", legend=None, scale=theme.many(names))
    shape = alt.Shape("arm:N", legend=None, scale=theme.shapes(names))
    chart = dots(_rows(arms), x, colour, shape, digits=max(0, said.digits - 1), unit="score")
    told = "Each mark is one run; the bar and the number on the right are the arm's mean."
    left = f" Of {len(said.arms)} arms the {ARMS // 2} highest and the {ARMS // 2} lowest are shown."
    return figure("scores", "Every run", told + (left if len(said.arms) > ARMS else ""), chart)


def _ends(said: Said) -> Sequence[TableArm]:
    """All arms, or of many those with the highest and the lowest mean."""
    if len(said.arms) <= ARMS:
        return said.arms
    falling = sorted(said.arms, key=lambda arm: -arm.mean)
    return [*falling[: ARMS // 2], *falling[-(ARMS // 2) :]]


def _rows(arms: Sequence[TableArm]) -> list[dict[str, Any]]:
    """A mark for each run; without seeds runs are numbered."""
    return [
        {"arm": one_line(arm.name), "seed": seed, "value": score}
        for arm in arms
        for seed, score in zip(arm.seeds or map(str, range(len(arm.scores))), arm.scores, strict=True)
    ]


def _differences(said: Said) -> Figure:
    settled_first = sorted(said.pairs, key=lambda pair: (pair.kind is Kind.open, -abs(pair.mean)))
    pairs = said.pairs if len(said.pairs) <= PAIRS else settled_first[:PAIRS]
    lines = [_line(pair, said.layout.arm) for pair in pairs]
    told = "Each small mark is the difference on one seed, the large one their mean, the line its interval."
    band = "" if said.margin is None else f" The band is ±{said.margin:g}, what does not matter."
    left = f" Of {plural(len(said.pairs), 'pair')} {PAIRS} are shown." if len(pairs) < len(said.pairs) else ""
    chart = paired.paired(lines, said.margin or 0.0, paired.edge(lines), "first − second")
    filled = " Filled: settled, in blue as better or worse, in green as equivalent."
    return figure("differences", "Differences", told + band + filled + left, chart)


def _line(pair: TablePair, factors: Sequence[str]) -> paired.Line:
    interval = interval_told(pair)
    return paired.Line(
        one_line(_label(pair, factors)),
        pair.seeds,
        _by_seed(pair) if pair.paired else (),
        pair.mean,
        None if interval is None else (interval.low, interval.high),
        pair.kind,
        _word(pair),
    )


def _label(pair: TablePair, factors: Sequence[str]) -> str:
    """Of arms that differ in one of several factors, what differs, and the rest behind it."""
    apart = differing(pair.first, pair.second)
    if len(factors) < 2 or len(apart) > 1:
        return f"{pair.first.name} − {pair.second.name}"
    (place,) = apart
    rest = [f"{factors[other]}={level}" for other, level in enumerate(pair.first.levels) if other != place]
    return f"{factors[place]} {pair.first.levels[place]} − {pair.second.levels[place]} ({', '.join(rest)})"


def _by_seed(pair: TablePair) -> Sequence[float]:
    first, second = pair.first.by_seed, pair.second.by_seed
    return differences([first[seed] for seed in pair.seeds], [second[seed] for seed in pair.seeds])


def _word(pair: TablePair) -> str:
    """The verdict in a word, and how far it is to one."""
    verdict = pair.verdict
    if verdict.settled:
        return "equal" if pair.kind is Kind.equivalent else pair.kind.value
    known = verdict.growing or verdict.anew
    if known is None or outlook.vague(known.range):
        return "open"
    return f"open · +{outlook.span(known.range)}" if pair.paired else f"open · {outlook.span(known.range)} runs each"
