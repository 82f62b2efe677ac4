"""Which arms of a study answer a question together: those that differ in one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from normlab.spec import Arm, Study

About = Literal["norm", "preprocess", "penalty"]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """Arms that differ in norm alone, in preprocessing alone, or in having a penalty, and the pairs to compare."""

    about: About
    arms: tuple[str, ...]
    pairs: tuple[Pair, ...]


def asked(study: Study) -> tuple[Asked, ...]:
    """Every question that the study asks: of norms, then of preprocessings, then of each penalty, all else equal."""
    return (*_alike(study, "norm", study.recipe.preprocess_of), *_alike(study, "preprocess", _norm), *_penalties(study))


def _norm(arm: Arm) -> str:
    return arm.norm


def _alike(study: Study, about: About, other: Callable[[Arm], str]) -> list[Asked]:
    """Arms that share their penalty and the other thing, and so differ in what this is about alone."""
    groups: dict[tuple[str, str], list[str]] = {}
    for arm in study.arms:
        groups.setdefault((other(arm), arm.penalty.name if arm.penalty else ""), []).append(arm.name)
    return [Asked(about, tuple(names), tuple(combinations(names, 2))) for names in groups.values() if len(names) > 1]


def _penalties(study: Study) -> list[Asked]:
    found = [(arm, study.plain(arm)) for arm in study.arms if arm.penalty]
    pairs = [(arm.name, plain.name) for arm, plain in found if plain]
    return [Asked("penalty", pair, (pair,)) for pair in pairs]
