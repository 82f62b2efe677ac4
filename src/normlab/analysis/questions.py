"""Which arms of a study answer a question together: those that are equal in all factors but one.

Levels without an order are all compared with each other; ordered ones each with the baseline and with its neighbour.
With a baseline arm, every other arm is compared with that one alone, whatever it differs in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from normlab.spec import Arm, RecipeField, Study, find, known
from normlab.spec.fields import identity

Pair = tuple[str, str]
Place = Mapping[str, object]
"""An arm's levels by the paths of the study's factors; a factor that changes nothing in the arm is left out."""


@dataclass(frozen=True)
class Inquiry:
    """Arms that differ in `factor` alone, by the order of its levels, and the pairs to compare.

    `factor` is a field's path. In a study with a baseline arm it may be several, with commas between them.
    """

    factor: str
    arms: tuple[str, ...]
    pairs: tuple[Pair, ...]


def inquiries(study: Study) -> tuple[Inquiry, ...]:
    """Every question that the study asks, by its factors in the recipe's order."""
    wanted = [find(name).path for name in study.questions] or list(study.factors)
    if study.baseline:
        return tuple(_with_baseline(study, wanted))
    return tuple(question for path in study.factors if path in wanted for question in about(study, path))


def every_pair(study: Study) -> int:
    """How many pairs there are to ask about: those that differ in one factor alone."""
    return sum(len(question.pairs) for path in study.factors for question in about(study, path))


def place(study: Study, arm: Arm) -> dict[str, object]:
    """Where the arm stands among the study's factors."""
    return {path: arm.stated[path] for path in study.factors if arm.counts(path)}


def agree(one: Place, other: Place) -> bool:
    """Whether two places are one as far as both say something: what changes nothing in an arm never differs."""
    return all(one[path] == other[path] for path in one.keys() & other.keys())


def about(study: Study, path: str) -> Iterator[Inquiry]:
    """What there is to ask about one factor: a question for each way in which the others can stand."""
    field = known()[path]
    here = [arm for arm in study.arms if arm.counts(path)]
    rests = {arm.name: _rest(study, arm, path) for arm in here}
    told: set[frozenset[str]] = set()
    different = {tuple((other, identity(level)) for other, level in rest.items()): rest for rest in rests.values()}
    for rest in sorted(different.values(), key=len, reverse=True):
        fitting = [arm for arm in here if agree(rests[arm.name], rest)]
        together = _one_a_level(fitting, path)
        names = frozenset(arm.name for arm in together)
        new = len(together) > 1 and not any(names <= other for other in told)
        if new and _alike([rests[arm.name] for arm in fitting]):
            told.add(names)
            ordered = _by_level(together, field)
            pairs = _neighbours(study, ordered, field) if field.ordered else _all(ordered)
            yield Inquiry(path, tuple(arm.name for arm in ordered), pairs)


def _alike(places: Sequence[Place]) -> bool:
    """Whether all agree with each other: no penalty fits beside every kind, which does not make the kinds one."""
    return all(agree(one, other) for one, other in combinations(places, 2))


def _rest(study: Study, arm: Arm, path: str) -> dict[str, object]:
    return {other: stated for other, stated in place(study, arm).items() if other != path}


def _one_a_level(arms: Sequence[Arm], path: str) -> list[Arm]:
    """Arms that differ in more than this factor share no level of it."""
    first: dict[object, Arm] = {}
    for arm in arms:
        first.setdefault(arm.stated[path], arm)
    return list(first.values())


def _by_level(arms: Sequence[Arm], field: RecipeField) -> list[Arm]:
    return sorted(arms, key=lambda arm: field.rank(arm.recipe)) if field.ordered else list(arms)


def _all(arms: Sequence[Arm]) -> tuple[Pair, ...]:
    return tuple((one.name, other.name) for one, other in combinations(arms, 2))


def _neighbours(study: Study, rising: Sequence[Arm], field: RecipeField) -> tuple[Pair, ...]:
    """Each level against the recipe's own (the lowest, where no arm has that), and each against the next lower one."""
    own = study.stated[field.path]
    base = next((arm for arm in rising if arm.stated[field.path] == own), rising[0])
    pairs = [(arm.name, base.name) for arm in rising if arm is not base]
    known_pairs = {frozenset(pair) for pair in pairs}
    steps = [(high.name, low.name) for low, high in pairwise(rising)]
    return (*pairs, *(step for step in steps if frozenset(step) not in known_pairs))


def _with_baseline(study: Study, wanted: Sequence[str]) -> Iterator[Inquiry]:
    """All other arms against the baseline, together with those that differ from it in the same factors."""
    base = study.arm(study.baseline)
    here = place(study, base)
    apart: dict[str, list[Arm]] = {}
    for arm in study.arms:
        there = place(study, arm)
        differing = [path for path in study.factors if path in here and path in there and here[path] != there[path]]
        if differing and set(differing) & set(wanted):
            apart.setdefault(", ".join(differing), []).append(arm)
    for factor, arms in apart.items():
        pairs = tuple((arm.name, base.name) for arm in arms)
        yield Inquiry(factor, (base.name, *(arm.name for arm in arms)), pairs)
