"""Tuning: some fields of each arm are chosen by trials, the same for every arm, before the study judges them.

A study becomes three: the one at the recipe's own values, one of trials (every arm at every point, judged on held-out
images, on seeds that are never judged otherwise), and the tuned one, whose arms have the values that did best.

Source for equal budgets: X. Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks, MLSys 2021.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from normlab import seeds
from normlab.errors import SpecError
from normlab.spec import cross
from normlab.spec.arm import Arm
from normlab.spec.fields import RecipeField, Value, find, known, nested
from normlab.spec.files import parse
from normlab.spec.links import Link
from normlab.spec.problems import short
from normlab.spec.study import JUDGED_BY, Study

FIRST = 10_000
"""The first seed of trials: behind all that a number of seeds means, so that a study may grow."""
MOST_TRIALS = 1_000
DIGITS = 3
"""Of a value that is drawn."""
Point = Mapping[str, Value]
"""A value for each tuned field, by its path."""


@dataclass(frozen=True)
class Search:
    """What is tried.

    Args:
        grid: by path the values, or one text `LOW..HIGH` to draw from, evenly, or evenly in ratios where the field goes
            by those.
        trials: how many points are drawn for every arm; None for all of the grid.
        seeds: on how many seeds each is tried.
        images: on how many held-out training images each is judged; None for what the study holds out.
    """

    grid: Mapping[str, Sequence[Value] | str]
    trials: int | None = None
    seeds: int = 2
    images: int | None = None


def searched(grid: Mapping[str, Any], trials: int | None, seeds: int) -> Search:
    """A search as people state it: fields by their path or its last part.

    Raises `UnknownName` for a field that is none, and `SpecError` where there is nothing to choose.
    """
    read = {find(name).path: _values(find(name), given) for name, given in grid.items()}
    if trials is not None and not 2 <= trials <= MOST_TRIALS:
        raise SpecError(f"--trials: expected 2 to {MOST_TRIALS:,}, got {trials}")
    if not 1 <= seeds <= FIRST:
        raise SpecError(f"--tuning-seeds: expected 1 to {FIRST:,}, got {seeds}")
    drawn = [path for path, values in read.items() if isinstance(values, str)]
    if drawn and trials is None:
        raise SpecError(f"--tune {drawn[0]}: values are drawn from {read[drawn[0]]}: say how many with --trials")
    if not drawn and math.prod(map(len, read.values())) < 2:
        raise SpecError(f"--tune {', '.join(read)}: there is one value alone, and nothing to choose; name several")
    return Search(read, trials, seeds)


def points(search: Search, root: int) -> list[Point]:
    """What every arm is tried with: the whole grid, or so many points of it, drawn from the study's root."""
    if any(isinstance(values, str) for values in search.grid.values()):
        return list(_drawn(search, root))
    grid: list[Point] = [dict(zip(search.grid, chosen, strict=True)) for chosen in product(*search.grid.values())]
    if search.trials is None or search.trials >= len(grid):
        return grid
    kept = seeds.generator(root, "tuning", 0).choice(len(grid), search.trials, replace=False)
    return [grid[k] for k in sorted(kept)]


def trials(study: Study, search: Search, images: int) -> Study:
    """The study of trials, judged on `images` held-out ones unless the study holds out some itself.

    Raises `SpecError` where the study asks about a field that is to be tuned, or where a value is none of its field.
    """
    _check(study, search)
    tables, first = study.to_dict(), max(FIRST, max(study.seeds) + 1)
    tables["recipe"]["holdout"] = study.recipe.holdout or search.images or images
    tried = points(search, study.root)
    tables["arms"] = [_table(study, arm, point, _called(arm, point)) for arm in study.arms for point in tried]
    tables |= {"name": f"{study.name}-tuning", "seeds": [*range(first, first + search.seeds)], "until_settled": False}
    for left_out in ("vary", "baseline", "questions", "race"):
        tables.pop(left_out, None)
    made = parse(tables)
    asked = [path for path in search.grid if path in made.factors]
    return parse(tables | {"questions": asked}) if asked else made


def tuned(study: Study, chosen: Mapping[str, Point], tried: Study) -> Study:
    """The study with the values that were chosen for each arm, by its name, in the study `tried`."""
    tables = study.to_dict()
    tables.pop("vary", None)
    baseline = tables.pop("baseline", "")
    tables["arms"] = [_table(study, arm, chosen[arm.name], arm.name if arm.given else "") for arm in study.arms]
    fields = sorted({path for point in chosen.values() for path in point})
    tables["tuning"] = {"trials": tried.name, "fixed": study.name, "fields": fields, "seeds": [*tried.seeds]}
    tables["name"] = f"{study.name}-tuned"
    made = parse(tables)
    if not baseline:
        return made
    place = [arm.name for arm in study.arms].index(baseline)
    return parse(tables | {"baseline": made.arms[place].name})


def rest(arm: Arm, fields: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """All that an arm states, what is tuned and the number of held-out images aside: what trials of one arm share."""
    return tuple((path, repr(value)) for path, value in arm.stated.items() if path not in (*fields, "holdout"))


def _check(study: Study, search: Search) -> None:
    if study.tuning:
        raise SpecError(f"{study.name} is tuned already: tune {study.tuning.fixed}, or another study")
    if study.warm_start:
        raise SpecError("--tune: a path chooses its λ itself, and is not tuned")
    if not study.verdict.usual:
        raise SpecError(f"--tune: it chooses by accuracy, and not by {study.verdict.outcome}: leave one of the two out")
    for path in search.grid:
        if path in JUDGED_BY:
            raise SpecError(f"--tune {path}: it decides on the images that arms are judged by")
        if path in study.factors:
            raise SpecError(f"--tune {path}: the study asks about it, so every arm has its own; tune another field")


def _values(field: RecipeField, given: Any) -> list[Value] | str:
    if isinstance(given, str) and ".." in given:
        _ends(field, given)
        return given
    several = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    if len(several) == 1 and isinstance(several[0], str) and ".." in several[0]:
        return _values(field, several[0])
    return list(cross.levels(field.path, [field.read(each) if isinstance(each, str) else each for each in several]))


def _ends(field: RecipeField, given: str) -> tuple[float, float]:
    """From where to where values are drawn."""
    try:
        low, high = (float(end) for end in given.split(".."))
    except ValueError:
        raise SpecError(f"--tune {field.path}: expected LOW..HIGH, such as 0.01..1, got {short(given)}") from None
    by_ratio = field.setting.scale == "log"
    if not field.ordered or not (low > 0 if by_ratio else low > -math.inf) or not low < high < math.inf:
        raise SpecError(
            f"--tune {field.path}: expected LOW..HIGH of numbers, the lower one first"
            f"{' and above 0' if by_ratio else ''}, got {short(given)}"
        )
    return low, high


def _drawn(search: Search, root: int) -> Iterator[Point]:
    source = seeds.generator(root, "tuning", 0)
    for _ in range(search.trials or 0):
        yield {path: _one(known()[path], values, source.random()) for path, values in search.grid.items()}


def _one(field: RecipeField, values: Sequence[Value] | str, share: float) -> Value:
    """The value at a share, 0 to 1, of a range or a list."""
    if not isinstance(values, str):
        return values[int(share * len(values))]
    low, high = _ends(field, values)
    drawn = low * (high / low) ** share if field.setting.scale == "log" else low + (high - low) * share
    return round(drawn) if field.kind is int else float(f"{drawn:.{DIGITS}g}")


def _called(arm: Arm, point: Point) -> str:
    """A name that a person gave, with the point; others are made from what differs."""
    return " · ".join([arm.name, *(known()[path].write(value) for path, value in point.items())]) if arm.given else ""


def _table(study: Study, arm: Arm, point: Point, name: str) -> dict[str, Any]:
    """An arm by hand: what it changes, and a point."""
    own = {path: value for path, value in arm.stated.items() if value != study.stated[path]}
    changes: dict[str, Value] = {**own, **point}
    written = {path: value.model_dump() if isinstance(value, Link) else value for path, value in changes.items()}
    return {**({"name": name} if name else {}), **nested(written)}
