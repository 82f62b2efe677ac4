"""Where the variance between seeds comes from, in words: an answer for each arm, and the rows of its tables."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.sources import ALL, Component, Shared, Sourced, Sources
from normlab.show.numbers import MISSING, fixed, listing, plural
from normlab.stats.components import FEWEST, Part
from normlab.stats.intervals import Interval

HEADING, ANCHOR = "Where the variance between seeds comes from", "sources"
TITLES = {
    ALL: "all together",
    "init": "initial weights",
    "order": "order of batches",
    "augment": "augmentation",
    "dropout": "dropout",
    "split": "choice of images",
}
"""What sources are called; `dropout` is also what else a network draws by itself."""
Row = tuple[str, ...]


def sentences(facts: Facts) -> Iterator[str]:
    """An answer for each arm, then what is missing and how it is to be read."""
    found = facts.sources
    if found is None:
        return
    yield from answers(found)
    low = [row.name for row in facts.arms if row.collapsed]
    if low:
        yield f"Runs that collapsed count here, and may be most of the variance of {listing(low)}."
    if found.owed:
        yield f"Still missing: {plural(found.owed, 'run')} in which one source varies; the same command trains them."
    if found.absent:
        yield f"Left out, since no arm has it: {listing([TITLES[name] for name in found.absent])}."
    yield (
        "Each source is varied alone, everything else held at one seed, so a share counts what it brings alone and "
        f"with others: shares add up to more than 100% where sources interact. {_intervals(found)}"
    )
    if any(arm.apart for arm in found.arms):
        yield "The choice of images is one for all ordinary runs, which are paired by it: it is no part of the total."


def answers(found: Sources) -> Iterator[str]:
    """One for each arm."""
    for arm in found.arms:
        if arm.parts:
            yield f"{_answer(arm)}{_pairing(arm, found)}.{_rest(arm)}"


def _answer(arm: Sourced) -> str:
    """What brings most of it, where that is beyond doubt; without its full stop."""
    seeds = min(part.seeds for part in (arm.total, *arm.parts))
    if seeds < FEWEST:
        return f"Not enough seeds to say where the variance of {arm.arm} comes from: {seeds}, and it takes {FEWEST}"
    largest = arm.largest
    if largest is None or largest.share is None:
        return f"All seeds of {arm.arm} end alike, so there is no variance to explain"
    if len(arm.parts) == 1:
        return f"{_capital(TITLES[largest.source])} alone brings {_share(largest)} of {_variance(arm)}"
    if arm.leader is None:
        unclear = "No source stands out in" if _interact(arm) else "Not enough seeds to say which source brings most of"
        told = listing([f"{TITLES[part.source]} {_share(part)}" for part in arm.parts])
        return f"{unclear} {_variance(arm)}: {told}"
    most = "Most" if largest.share.value > 0.5 else "The largest part"
    article = "the " if largest.source in ("init", "order") else ""
    return f"{most} of {_variance(arm)} comes from {article}{TITLES[largest.source]} ({_share(largest)})"


def _variance(arm: Sourced) -> str:
    return f"the variance between seeds of {arm.arm}"


def _pairing(arm: Sourced, found: Sources) -> str:
    """What pairing with its one counterpart removes of all of it, or with several by the pair."""
    pairs = [each for each in found.of(arm.arm) if each.removed and each.seeds >= FEWEST]
    if len(pairs) == 1 and (one := pairs[0].removed):
        return f"; pairing removes {percent(one)} of it"
    known = [each.removed.value for each in pairs if each.removed]
    if not known:
        return ""
    return f"; pairing removes {_percent(min(known))} to {_percent(max(known))}% of it, by the pair"


def _rest(arm: Sourced) -> str:
    """What the sources leave, or have twice, where that is beyond doubt; with a space before it."""
    if arm.left is None or arm.left.interval is None or arm.total.seeds < FEWEST:
        return ""
    if _interact(arm):
        together = Part(1 - arm.left.value, _turned(arm.left.interval))
        return f" The shares add up to {percent(together)}: sources interact, or bring more at the held seed."
    if arm.left.interval.low > 0:
        return f" No source by itself brings {percent(arm.left)} of it."
    return ""


def _interact(arm: Sourced) -> bool:
    """Whether shares add up to more than the whole, beyond doubt."""
    return bool(arm.left and arm.left.interval and arm.left.interval.high < 0)


def components(facts: Facts, found: Sources) -> Iterator[Row]:
    """Arm, what varies, seeds, standard deviation and share of each component, for a table."""
    digits = facts.outcome.finer
    for arm in found.arms:
        for part in (arm.total, *arm.parts):
            yield arm.arm, TITLES[part.source], str(part.seeds), _sd(part, digits), _of_total(part)
        if arm.left:
            yield arm.arm, "left over", "", "", percent(arm.left)
        for part in arm.apart:
            yield arm.arm, f"{TITLES[part.source]}, apart", str(part.seeds), _sd(part, digits), MISSING
        if arm.images is not None:
            yield arm.arm, "other images, for scale", "", fixed(arm.images, digits), MISSING


def in_pairs(found: Sources) -> Iterator[Row]:
    """Pair, what varies, seeds, correlation and what pairing removes, for a table."""
    for each in found.pairs:
        yield (
            f"{each.first}, {each.second}",
            TITLES[each.source],
            str(each.seeds),
            fixed(each.correlation),
            _removed(each),
        )


def heads(facts: Facts) -> tuple[Row, Row]:
    """Of both tables."""
    unit = f", {facts.outcome.apart}" if facts.outcome.apart else ""
    level = f"{100 * facts.study.verdict.level:g}%"
    return (
        ("arm", "what varies", "seeds", f"sd{unit} ({level})", f"share of the variance ({level})"),
        ("pair", "what varies", "seeds", "correlation", f"pairing removes ({level})"),
    )


def percent(part: Part) -> str:
    """A share with its interval, for instance 61% (40 to 78)."""
    ends = f" ({_percent(part.interval.low)} to {_percent(part.interval.high)})" if part.interval else ""
    return f"{_percent(part.value)}%{ends}"


def _share(part: Component) -> str:
    return percent(part.share) if part.share else MISSING


def _of_total(part: Component) -> str:
    return "100%" if part.source == ALL else _share(part)


def _removed(each: Shared) -> str:
    return percent(each.removed) if each.removed else MISSING


def _sd(part: Component, digits: int) -> str:
    if part.sd is None:
        return MISSING
    ends = part.sd.interval
    return fixed(part.sd.value, digits) + (
        f" ({fixed(ends.low, digits)} to {fixed(ends.high, digits)})" if ends else ""
    )


def _percent(value: float) -> str:
    """Without decimals; what is far beyond all of it is told so."""
    return "over 10,000" if value > 100 else fixed(100 * value, 0)


def _turned(interval: Interval) -> Interval:
    return Interval(1 - interval.high, 1 - interval.low, interval.level)


def _intervals(found: Sources) -> str:
    return f"Intervals are jackknives over seeds at {100 * found.level:g}% each, not corrected for how many there are."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
