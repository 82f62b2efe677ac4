"""The axis of an ordered factor: its levels on its own scale, and beside it those that the scale has no place for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normlab.report.words.headings import axis
from normlab.spec import Arm, RecipeField, known

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Levels:
    """Where the levels of a factor stand.

    `at` are the places by rank (`RecipeField.rank`). `apart` are the ranks that stand one mean step beyond the others:
    the 0 of a logarithmic scale at the left edge, and "all there is" at the right one.
    """

    field: RecipeField
    at: dict[float, float]
    apart: tuple[float, ...]

    def place(self, arm: Arm) -> float:
        """Where an arm stands."""
        return self.at[self.field.rank(arm.recipe)]

    def alone(self, arm: Arm) -> bool:
        """Whether an arm stands apart."""
        return self.field.rank(arm.recipe) in self.apart

    def channel(self) -> alt.X:
        """The axis, with a tick for each level, for rows that have their place as `at`."""
        import altair as alt

        at, texts = list(self.at.values()), [_text(rank) for rank in self.at]
        ticks = alt.Axis(values=at, labelExpr=f"{texts}[indexof({at}, datum.value)]", labelOverlap="greedy")
        log = self.field.setting.scale == "log"
        scale = alt.Scale(type="log" if log else "linear", domain=[min(at), max(at)], nice=False, padding=14)
        title = axis(self.field.path) + (", log scale" if log else "")
        return alt.X("at:Q", title=title, axis=ticks, scale=scale)

    @property
    def told(self) -> list[str]:
        """What a reader has to know of levels that stand apart."""
        said = {
            0.0: "A logarithmic axis has no place for 0, so it stands apart at the left edge.",
            math.inf: f"“All” stands for {self.field.setting.zero}, however many, and apart at the right edge.",
        }
        return [said[rank] for rank in self.apart]


def levels(path: str, arms: Iterable[Arm]) -> Levels:
    """The axis for some arms, of which at least one has a place on the factor's own scale."""
    field = known()[path]
    ranks, log = sorted({field.rank(arm.recipe) for arm in arms}), field.setting.scale == "log"
    own = [rank for rank in ranks if math.isfinite(rank) and (rank or not log)]
    first, last = (math.log(rank) if log else rank for rank in (own[0], own[-1]))
    step = (last - first) / (len(own) - 1) if len(own) > 1 else 1.0
    beyond = {rank: first - step if rank < own[0] else last + step for rank in ranks if rank not in own}
    ends = {rank: math.exp(value) if log else value for rank, value in beyond.items()}
    return Levels(field, {rank: ends.get(rank, rank) for rank in ranks}, tuple(ends))


def _text(rank: float) -> str:
    return "all" if math.isinf(rank) else f"{rank:g}"
