"""Which arms of a study answer a question together: those that differ in one thing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from normlab.spec import Study

About = Literal["norm", "penalty"]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """Arms that differ only in their norm, or one norm with a penalty and without, and the pairs to compare."""

    about: About
    arms: tuple[str, ...]
    pairs: tuple[Pair, ...]


def asked(study: Study) -> tuple[Asked, ...]:
    """Every question that the study asks: norms within each penalty, then each penalty within its norm."""
    return (*_norms(study), *_penalties(study))


def _norms(study: Study) -> list[Asked]:
    groups: dict[str, list[str]] = {}
    for arm in study.arms:
        groups.setdefault(arm.penalty.name if arm.penalty else "", []).append(arm.name)
    return [Asked("norm", tuple(names), tuple(combinations(names, 2))) for names in groups.values() if len(names) > 1]


def _penalties(study: Study) -> list[Asked]:
    plain = {arm.norm: arm.name for arm in study.arms if not arm.penalty}
    pairs = [(arm.name, plain[arm.norm]) for arm in study.arms if arm.penalty and arm.norm in plain]
    return [Asked("penalty", pair, (pair,)) for pair in pairs]
