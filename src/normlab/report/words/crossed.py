"""Whether the answer to one question depends on another factor: one sentence for each two factors."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.analysis import Facts, Interaction
from normlab.report.words.amounts import amount, difference, within
from normlab.report.words.headings import beside, level
from normlab.show.numbers import fixed, plural
from normlab.spec import Arm, Study
from normlab.spec.arm import PENALTY
from normlab.stats.verdict import Kind

Crossed = tuple[str, str]
"""The paths of two factors: the one that is asked about, and the one that its answer may depend on."""
WAITING, WITHHELD = "Not enough evidence yet", "No verdict: an arm failed"


def together(facts: Facts) -> dict[Crossed, list[Interaction]]:
    """The interactions by their two factors."""
    found: dict[Crossed, list[Interaction]] = {}
    for one in facts.interactions:
        found.setdefault((one.crossing.factor, one.crossing.other), []).append(one)
    return found


def answer(facts: Facts, found: Sequence[Interaction]) -> str:
    """What the interactions of two factors establish, in a sentence; empty below two seeds."""
    depends = [one for one in found if one.verdict.kind in (Kind.better, Kind.worse)]
    alike = sum(one.verdict.kind is Kind.equivalent for one in found)
    if all(one.verdict.seeds < 2 for one in found):
        return ""
    if depends:
        return _yes(facts.study, depends, len(found))
    if alike == len(found):
        return _no(facts.study, alike)
    return _withheld(len(found)) if _none_open(found) else _open(facts.study, found, alike)


def short(found: Sequence[Interaction]) -> str:
    """Yes, no or not yet, of the interactions of two factors; empty below two seeds."""
    if all(one.verdict.seeds < 2 for one in found):
        return ""
    if any(one.verdict.kind in (Kind.better, Kind.worse) for one in found):
        return "Yes"
    if all(one.verdict.kind is Kind.equivalent for one in found):
        return "No"
    return WITHHELD if _none_open(found) else WAITING


def largest(study: Study, found: Sequence[Interaction]) -> str:
    """The largest change among those that are established, or else among all: `bn − ln: +0.120 points`."""
    depends = [one for one in found if one.verdict.kind in (Kind.better, Kind.worse)]
    widest = _widest(depends or found)
    there, here = ends(widest, study)
    return f"{pair(widest, study)}: {difference(widest.verdict.mean, study.verdict.primary)} from {there} to {here}"


def _none_open(found: Sequence[Interaction]) -> bool:
    """Whether what is not known is withheld, so that further seeds do not tell."""
    return all(one.verdict.settled for one in found)


def _withheld(asked: int) -> str:
    which = f"some of {asked} differences" if asked > 1 else "the difference"
    return f"No verdict on {which}: an arm failed on seeds where another did not, and such seeds are left out."


def _yes(study: Study, depends: Sequence[Interaction], asked: int) -> str:
    count = f"; {len(depends)} of {asked} such changes are established" if asked > 1 else ""
    return f"Yes: {_change(study, _widest(depends))}{count}."


def _no(study: Study, asked: int) -> str:
    which = f"each of {asked} differences" if asked > 1 else "the difference"
    return f"No: {which} changes by less than {_margin(study)}."


def _open(study: Study, found: Sequence[Interaction], alike: int) -> str:
    which = "the largest change: " if len(found) > 1 else ""
    count = f"; {alike} of {len(found)} changes are below {_margin(study)}" if alike else ""
    return f"Not enough evidence; {which}{_change(study, _widest(found))}{count}."


def verdict(one: Interaction) -> str:
    """What may be said of one change, for instance `changes` or `not enough evidence`."""
    return "changes" if one.verdict.kind in (Kind.better, Kind.worse) else one.verdict.kind.value


def pair(one: Interaction, study: Study) -> str:
    """The difference that may change, for instance `bn − ln`, with what both arms share beside the two factors."""
    factor, other = one.crossing.factor, one.crossing.other
    first, second = (study.arm(name) for name in one.crossing.here)
    rest = beside(study, first, factor, other)
    return f"{level(study, first, factor)} − {level(study, second, factor)}" + (f" ({rest})" if rest else "")


def ends(one: Interaction, study: Study) -> tuple[str, str]:
    """The levels of the other factor between which it changes."""
    here, there = (study.arm(pair[0]) for pair in (one.crossing.here, one.crossing.there))
    return level(study, there, one.crossing.other), level(study, here, one.crossing.other)


def _margin(study: Study) -> str:
    return within(study.verdict.margin, study.verdict.primary)


def _widest(found: Sequence[Interaction]) -> Interaction:
    return max(found, key=lambda one: abs(one.verdict.mean or 0))


def _change(study: Study, one: Interaction) -> str:
    """Turned so that the change is positive."""
    change, interval, outcome = one.verdict.mean or 0.0, one.verdict.interval, study.verdict.primary
    sign, way = (-1, "lower") if change < 0 else (1, "higher")
    low, high = sorted((sign * interval.low, sign * interval.high)) if interval else (None, None)
    span = f"{fixed(low, outcome.finer)} to {fixed(high, outcome.finer)}, " if interval else ""
    here, there = (study.arm(names[0]) for names in (one.crossing.here, one.crossing.there))
    return (
        f"{pair(one, study)} is {amount(abs(change), outcome)} ({span}{plural(len(one.seeds), 'seed')}) {way} "
        f"{_with(study, here, one.crossing.other)} than {_with(study, there, one.crossing.other)}"
    )


def _with(study: Study, arm: Arm, factor: str) -> str:
    none = factor.startswith(PENALTY) and not arm.recipe.penalty.lam
    return "without" if none else f"with {level(study, arm, factor)}"
