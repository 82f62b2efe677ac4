"""What each arm changes: the values of all fields in which arms differ, those that follow another worked out."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.show.numbers import MISSING
from normlab.spec import Arm, Study, known
from normlab.spec.arm import PENALTY

NAMED = ("norm",)
"""Fields whose values names of arms have in full, as they have those of penalties."""


@dataclass(frozen=True)
class Changes:
    """A column for each field, and for each arm its values; `needed` where the names of arms do not say it all."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    needed: bool

    @property
    def idle(self) -> bool:
        """Whether some field changes nothing in some arm."""
        return any(MISSING in values for _, values in self.rows)


def changes(study: Study) -> Changes:
    """The table of a study's arms."""
    paths = [path for path in known() if path in study.factors or _follows(study, path)]
    rows = tuple((arm.name, tuple(_value(arm, path) for path in paths)) for arm in study.arms)
    plain = all(path in NAMED or path.startswith(PENALTY) for path in paths)
    named = any(arm.given for arm in study.arms)
    return Changes(tuple(known()[path].title for path in paths), rows, named or not plain)


def _follows(study: Study, path: str) -> bool:
    """Whether arms differ in a field because it follows another."""
    return len({known()[path].of(arm.recipe) for arm in study.arms if arm.counts(path)}) > 1


def _value(arm: Arm, path: str) -> str:
    value = known()[path].of(arm.recipe)
    if not arm.counts(path):
        return MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)
