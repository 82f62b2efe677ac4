"""Differences paired by seed, a line for each pair of arms that answers a question, with their intervals."""

from __future__ import annotations

from normlab.analysis import Contrast, Facts
from normlab.report.charts.few import left_out
from normlab.report.words.answers import interval_told
from normlab.report.words.cards import word
from normlab.report.words.headings import beside, level
from normlab.show import paired
from normlab.show.figure import Figure, figure
from normlab.show.paired import Line
from normlab.spec import Study


def differences(facts: Facts) -> Figure:
    """Paired differences of final accuracy; needs a contrast with a seed."""
    lines = [_line(contrast, facts.study) for contrast in _told(facts)]
    chart = paired.paired(lines, facts.study.verdict.margin, _edge(facts), "difference (percentage points)")
    return figure("differences", "Differences paired by seed", _sentence(facts), chart)


def _sentence(facts: Facts) -> str:
    told = "Each small mark is one seed's difference in final accuracy, the large one their mean"
    if any(contrast.interval for contrast in facts.contrasts):
        told += f", the line its interval. The band is ±{facts.study.verdict.margin:g} points, what does not matter"
        told += ". Filled: settled, in blue as better or worse, in green as equivalent"
    beyond = any(_line(contrast, facts.study).reach > _edge(facts) for contrast in facts.contrasts)
    stuck = len(_drawn(facts)) < len(_told(facts))
    told += ". Lines that touch the edge go on beyond it" if beyond else ""
    told += ". Pairs with a run that ended at chance may lie beyond the edge" if stuck else ""
    return f"{told}. {left_out(facts)}".rstrip()


def _line(contrast: Contrast, study: Study) -> Line:
    known = contrast.interval if interval_told(contrast) else None
    return Line(
        _label(contrast, study),
        contrast.seeds,
        contrast.differences,
        contrast.mean,
        None if known is None else (known.low, known.high),
        contrast.verdict.kind,
        word(contrast),
    )


def _label(contrast: Contrast, study: Study) -> str:
    """Only what differs is written out, so that the label fits beside a narrow chart."""
    if "," in contrast.factor:
        return f"{contrast.first} − {contrast.second}"
    first, second = study.arm(contrast.first), study.arm(contrast.second)
    told = f"{level(study, first, contrast.factor)} − {level(study, second, contrast.factor)}"
    rest = beside(study, first, contrast.factor)
    return f"{told} ({rest})" if rest else told


def _edge(facts: Facts) -> float:
    return paired.edge([_line(contrast, facts.study) for contrast in _drawn(facts)])


def _told(facts: Facts) -> list[Contrast]:
    return [contrast for contrast in facts.contrasts if contrast.differences]


def _drawn(facts: Facts) -> list[Contrast]:
    """The pairs that the axis is made for: those with a run at chance would hide all others."""
    stuck = {row.name for row in facts.arms if row.stuck}
    return [contrast for contrast in _told(facts) if not stuck & {*contrast.arms}] or _told(facts)
