"""Arms from factors and from changes by hand: crossed, resolved, named, and none of them twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from normlab.errors import SpecError
from normlab.spec import arguments, links
from normlab.spec.arm import Arm, label, varied
from normlab.spec.fields import Value, canonical, identity, known, nested
from normlab.spec.links import Link
from normlab.spec.problems import first_problem
from normlab.spec.recipe import Recipe

MOST_ARMS = 2_000
Changes = Mapping[str, Value]


def levels(path: str, given: Any) -> tuple[Value, ...]:
    """The levels of a factor; raises `SpecError` where there are none, or one stands twice."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise SpecError(f"vary.{path}: expected a list of levels, got {given!r}")
    found: dict[Hashable, Value] = {}
    for value in given:
        level = links.read(path, value)
        if identity(level) in found:
            raise SpecError(f"vary.{path}: the level {value} stands twice")
        found[identity(level)] = level
    if not found:
        raise SpecError(f"vary.{path}: expected at least one level, got none")
    return tuple(found.values())


def arms(stated: Changes, vary: Mapping[str, Sequence[Value]], by_hand: Sequence[Mapping[str, Any]]) -> tuple[Arm, ...]:
    """The arms of a study, named.

    Args:
        stated: the study's recipe by paths.
        vary: the levels of each factor.
        by_hand: further arms: changes by path, and a `name` where one is given.

    Raises `SpecError` for a change that makes no recipe, for two arms that are one treatment, and for names that stand
    twice.
    """
    count = len(by_hand) + (prod(len(each) for each in vary.values()) if vary else 0)
    if count > MOST_ARMS:
        raise SpecError(f"{count:,} arms, and at most {MOST_ARMS:,} can be compared: vary fewer levels")
    crossed = [{**stated, **change} for change in _crossed(vary)] if vary or not by_hand else []
    found = _merged([("", *_resolved(change, vary)) for change in crossed])
    for number, arm in enumerate(by_hand, start=1):
        change = dict(stated) | {path: value for path, value in arm.items() if path != "name"}
        found.append((str(arm.get("name", "")), *_resolved(change, (), _called(arm, number))))
    return _named(found)


Made = tuple[str, Recipe, Changes]


def _crossed(vary: Mapping[str, Sequence[Value]]) -> Iterator[dict[str, Value]]:
    """Every level with every other; the first factor changes fastest."""
    backwards = list(vary)[::-1]
    for chosen in product(*(vary[path] for path in backwards)):
        yield dict(zip(backwards, chosen, strict=True))


def _called(arm: Mapping[str, Any], number: int) -> str:
    return f"the arm {arm['name']!r}" if "name" in arm else f"arms.{number}"


def _resolved(change: Changes, vary: Mapping[str, Any] | tuple[()], where: str = "") -> tuple[Recipe, Changes]:
    """The recipe of an arm, with what does nothing at its default; and what is stated of it, numbers as numbers."""
    try:
        recipe = Recipe.model_validate(nested(links.resolved(change)))
        read = {path: value if isinstance(value, Link) else known()[path].of(recipe) for path, value in change.items()}
        return canonical(recipe), {**read, "penalty.on": recipe.penalty.stated_on}
    except ValidationError as error:
        path, problem = first_problem(error)
        place = where or ("vary" if path in vary else "recipe")
        joint = ": " if where else "."
        raise SpecError(f"{place}{joint}{path}: {problem}" if path else f"{place}: {problem}") from None


def _merged(made: Sequence[Made]) -> list[Made]:
    """Crossing kinds of penalty with λ = 0 makes the arm without a penalty several times: it is one."""
    first: dict[Recipe, Made] = {}
    for one in made:
        first.setdefault(one[1], one)
    return list(first.values())


def _named(made: Sequence[Made]) -> tuple[Arm, ...]:
    varying = varied([(recipe, change) for _, recipe, change in made])
    common = arguments.shared(recipe.model_args for _, recipe, _ in made)
    names = [name or label(recipe, varying, common=common) for name, recipe, _ in made]
    if len(set(names)) < len(names):
        names = [name or label(recipe, varying, exact=True, common=common) for name, recipe, _ in made]
    found: dict[Recipe, str] = {}
    for (_, recipe, _), name in zip(made, names, strict=True):
        if recipe in found:
            raise SpecError(
                f"the arms {found[recipe]!r} and {name!r} are the same treatment: they compute the same, leave one out"
            )
        found[recipe] = name
    if twice := [name for name in names if names.count(name) > 1]:
        raise SpecError(f"two arms are called {twice[0]!r}: give one of them another name")
    return tuple(
        Arm(name, label(recipe, varying, penalised=False, common=common), recipe, change, bool(given))
        for name, (given, recipe, change) in zip(names, made, strict=True)
    )
