"""Differences paired by seed, a line for each pair of arms that answers a question, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.analysis import Contrast, Facts
from normlab.report.charts.few import left_out
from normlab.report.words import amounts
from normlab.report.words.answers import interval_told
from normlab.report.words.cards import word
from normlab.report.words.headings import beside, level
from normlab.show import paired
from normlab.show.figure import Figure, figure
from normlab.show.paired import Line
from normlab.spec import Study


def differences(facts: Facts, every: Facts | None = None) -> Figure:
    """Paired differences of the final outcome; needs a contrast with a seed.

    `every` are the facts of all arms, where `facts` are of some: those know already what there is on other images.
    """
    known = every or facts
    lines = [_line(contrast, known) for contrast in _told(facts)]
    end = paired.edge([_line(contrast, known) for contrast in _drawn(facts)])
    chart = paired.paired(lines, facts.study.verdict.margin, end, _axis(facts))
    return figure("differences", "Differences paired by seed", _sentence(facts, lines, end), chart)


def _axis(facts: Facts) -> str:
    """What lies along it, and which side is the better one where that is not the right one."""
    lower = "" if facts.outcome.higher else ", lower is better"
    told = f"{amounts.unit(facts.outcome)}{lower}" if facts.outcome.apart else lower.removeprefix(", ")
    return f"difference ({told})" if told else "difference"


def _sentence(facts: Facts, lines: Sequence[Line], end: float) -> str:
    told = f"Each small mark is one seed's difference in final {facts.outcome.title}, the large one their mean"
    if any(contrast.interval for contrast in facts.contrasts):
        thin = ", the thin one what it would lie within on other images" if any(line.wider for line in lines) else ""
        told += (
            f", the line its interval{thin}. The band is ±{amounts.within(facts.study.verdict.margin, facts.outcome)}, "
            "what does not matter"
        )
        told += ". Filled: settled, in blue as better or worse, in green as equivalent"
    beyond = any(line.reach > end for line in lines)
    stuck = len(_drawn(facts)) < len(_told(facts))
    told += ". Lines that touch the edge go on beyond it" if beyond else ""
    told += ". Pairs with a run that ended at chance may lie beyond the edge" if stuck else ""
    return f"{told}. {left_out(facts)}".rstrip()


def _line(contrast: Contrast, facts: Facts) -> Line:
    known = contrast.interval if interval_told(contrast) else None
    others = facts.elsewhere(contrast) if known else None
    return Line(
        _label(contrast, facts.study),
        contrast.seeds,
        contrast.differences,
        contrast.mean,
        None if known is None else (known.low, known.high),
        contrast.verdict.kind,
        word(contrast),
        None if others is None else (others.interval.low, others.interval.high),
    )


def _label(contrast: Contrast, study: Study) -> str:
    """Only what differs is written out, so that the label fits beside a narrow chart."""
    if "," in contrast.factor:
        return f"{contrast.first} − {contrast.second}"
    first, second = study.arm(contrast.first), study.arm(contrast.second)
    told = f"{level(study, first, contrast.factor)} − {level(study, second, contrast.factor)}"
    rest = beside(study, first, contrast.factor)
    return f"{told} ({rest})" if rest else told


def _told(facts: Facts) -> list[Contrast]:
    return [contrast for contrast in facts.contrasts if contrast.differences]


def _drawn(facts: Facts) -> list[Contrast]:
    """The pairs that the axis is made for: those with a run at chance would hide all others."""
    stuck = {row.name for row in facts.arms if row.stuck}
    return [contrast for contrast in _told(facts) if not stuck & {*contrast.arms}] or _told(facts)
