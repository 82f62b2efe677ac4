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


def sentences(facts: Facts) -> Iterator[str]:
    """Nothing of a study that was not tuned."""
    tuning, tuned = facts.study.tuning, facts.comparison.tuned
    if tuning is None:
        return
    what = listing([known()[path].title for path in tuning.fields])
    if tuned is None or not facts.tuned:
        yield f"Each arm has the {what} that did best for it in {tuning.trials}, whose runs are not in this store."
        return
    yield _how(what, facts.tuned, tuned.trials)
    yield f"Chosen: {listing([_choice(each) for each in facts.tuned])}."
    yield from (_at_an_end(path, facts.tuned) for path in tuning.fields if _ends(path, facts.tuned))
    if tuned.fixed is not None:
        yield _fixed(tuned.fixed)


def _how(what: str, arms: Sequence[TunedArm], trials: Comparison) -> str:
    values = list(dict.fromkeys(_told(trial.point) for each in arms for trial in each.trials))
    named = f" ({', '.join(values)})" if len(values) <= FEW else ""
    seeds = trials.study.seeds
    on = f"seed{'s' if len(seeds) > 1 else ''} {listing([str(seed) for seed in seeds[:FEW]])}"
    return (
        f"Each arm has the {what} that did best for it in {plural(len(arms[0].trials), 'trial')}, the same for "
        f"every arm{named}, on {len(trials.labels):,} held-out training images and {on}, which are judged nowhere else."
    )


def _choice(each: TunedArm) -> str:
    return f"{_told(each.best.point)} for {each.arm} ({each.best.mean:.2f}%)"


def _told(point: Sequence[tuple[str, Value]]) -> str:
    return " and ".join(known()[path].write(value) for path, value in point)


def _ends(path: str, arms: Sequence[TunedArm]) -> dict[str, str]:
    """The arms whose value is the lowest or the highest that was tried, with which it is."""
    found = {}
    for each in arms:
        values = sorted({dict(trial.point)[path] for trial in each.trials}) if known()[path].ordered else []
        if len(values) > 1 and (own := dict(each.best.point)[path]) in (values[0], values[-1]):
            found[each.arm] = "lowest" if own == values[0] else "highest"
    return found


def _at_an_end(path: str, arms: Sequence[TunedArm]) -> str:
    ends = listing([f"the {end} for {arm}" for arm, end in _ends(path, arms).items()])
    return f"Of those tried, the {known()[path].title} is {ends}: what lies beyond may be better."


def _fixed(fixed: Comparison) -> str:
    """What is said without tuning, on as many seeds as that has."""
    facts = gather(fixed)
    if not facts.finished:
        return f"At the recipe’s own values nothing is trained yet: {fixed.study.name}."
    return f"At the recipe’s own values ({fixed.study.name}): {headline(facts)}"
