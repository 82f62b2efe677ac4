"""How each arm's values were chosen, and what the verdict is without that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Facts, gather
from normlab.analysis.tuning import TunedArm
from normlab.records import Comparison
from normlab.report.words.headline import headline
from normlab.show.numbers import listing, plural
from normlab.spec import known
from normlab.spec.fields import Value

HEADING = "Had each arm its chance?"
ANCHOR = "tuned"
FEW = 8
"""Values that are named."""


def how(facts: Facts) -> str:
    """How values were chosen, in a sentence; empty of a study that was not tuned."""
    tuning, tuned = facts.study.tuning, facts.comparison.tuned
    if tuning is None:
        return ""
    what = listing([known()[path].title for path in tuning.fields])
    if tuned is None or not facts.tuned:
        return f"Each arm has the {what} that did best for it in {tuning.trials}, whose runs are not in this store."
    return _how(what, facts.tuned, tuned.trials)


def sentences(facts: Facts) -> Iterator[str]:
    """Nothing of a study that was not tuned."""
    tuning, tuned = facts.study.tuning, facts.comparison.tuned
    yield from filter(None, [how(facts)])
    if tuning is None or tuned is None or not facts.tuned:
        return
    yield f"Chosen: {'; '.join(_choices(facts.tuned))}."
    if tuned.fixed is not None:
        yield _fixed(tuned.fixed)
    yield from (_at_an_end(path, facts.tuned) for path in tuning.fields if _ends(path, facts.tuned))


def _how(what: str, arms: Sequence[TunedArm], trials: Comparison) -> str:
    values = list(dict.fromkeys(_told(trial.point) for each in arms for trial in each.trials))
    named = f" ({', '.join(values)})" if len(values) <= FEW and len(arms[0].best.point) == 1 else ""
    seeds = trials.study.seeds
    on = f"seed{'s' if len(seeds) > 1 else ''} {listing([str(seed) for seed in seeds[:FEW]])}"
    return (
        f"Each arm has the {what} that did best for it in {plural(len(arms[0].trials), 'trial')}, the same for "
        f"every arm{named}, on {len(trials.labels):,} held-out training images and {on}, which are judged nowhere else."
    )


def _choices(arms: Sequence[TunedArm]) -> Iterator[str]:
    """What was chosen, and by which arms."""
    for point in dict.fromkeys(_told(each.best.point) for each in arms):
        mine = [f"{each.arm} ({each.best.mean:.2f}%)" for each in arms if _told(each.best.point) == point]
        yield f"{point} for {listing(mine)}"


def _told(point: Sequence[tuple[str, Value]]) -> str:
    return " and ".join(known()[path].write(value) for path, value in point)


def _ends(path: str, arms: Sequence[TunedArm]) -> dict[str, str]:
    """The arms whose value is the lowest or the highest that was tried, with which it is; below 0 there is none."""
    found = {}
    for each in arms:
        values = sorted({dict(trial.point)[path] for trial in each.trials}) if known()[path].ordered else []
        if len(values) > 1 and (own := dict(each.best.point)[path]) in (values[0] or None, values[-1]):
            found[each.arm] = "lowest" if own == values[0] else "highest"
    return found


def _at_an_end(path: str, arms: Sequence[TunedArm]) -> str:
    found = _ends(path, arms)
    by = {end: listing([arm for arm in found if found[arm] == end]) for end in dict.fromkeys(found.values())}
    ends = listing([f"the {end} for {named}" for end, named in by.items()])
    return f"Of those tried, the {known()[path].title} is {ends}: what lies beyond may be better."


def _fixed(fixed: Comparison) -> str:
    """What is said without tuning, on as many seeds as that has."""
    facts = gather(fixed)
    if not facts.finished:
        return f"At the recipe’s own values nothing is trained yet: {fixed.study.name}."
    return f"At the recipe’s own values ({fixed.study.name}): {headline(facts)}"
