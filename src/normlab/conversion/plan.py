"""What becomes of one place: decided before anything is changed, carried out afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from torch import nn

from normlab.conversion import policy
from normlab.conversion.carrying import Moved, carry
from normlab.conversion.facts import Norm, Unknown
from normlab.conversion.making import Asked, Target, called, make, unfit
from normlab.conversion.places import Place
from normlab.conversion.report import Kept, Row
from normlab.conversion.stands import NormThen


class Plan:
    """What becomes of one place: a new norm, or why there is none."""

    new: nn.Module | None = None
    groups: int | None = None
    name: str = ""
    why: str = ""
    there: bool = False

    def __init__(self, place: Place, target: Target, skip: Sequence[str], *, nearest: bool) -> None:
        self.place = place
        if any(fnmatchcase(path, pattern) for path in place.paths for pattern in skip):
            self.why = "was to be skipped"
        elif isinstance(place.norm, Unknown):
            self.why = place.norm.why
        else:
            self._decide(place.norm, target, nearest=nearest)

    @property
    def old(self) -> str:
        """As people call it: by its name, or its class where it has none."""
        norm = self.place.norm
        return norm.name if isinstance(norm, Norm) else type(self.place.module).__name__

    @property
    def kept(self) -> Kept:
        """What is said of a place that stays."""
        return Kept(self.place.path, self.old, self.why, "there" if self.there else "left")

    def _decide(self, norm: Norm, target: Target, *, nearest: bool) -> None:
        self.why = unfit(target, norm)
        if self.why:
            return
        if isinstance(target, Asked) and not norm.features:
            self.groups = policy.groups(target.name, self.place, nearest=nearest)
        new = make(target, self.place, norm, self.groups)
        self.name = called(target, norm, new, self.groups)
        self.there = isinstance(target, Asked) and self.name == norm.name
        if self.there:
            self.why = f"is {norm.name} already"
        else:
            self.new = new

    def carry_out(self, model: nn.Module, norm: Norm, new: nn.Module) -> tuple[Row, Moved]:
        """Put the new norm where the old one is, and give the parameters that became others."""
        place = self.place
        over, anew, moved = carry(norm, new, like=next(model.parameters(), None))
        module = NormThen(new, norm.behind).train(norm.module.training) if norm.behind else new
        for path in place.paths:
            model.set_submodule(path, module)
        reason = f"{type(norm.behind[-1]).__name__} stands behind it" if norm.behind else ""
        row = Row(place.path, place.paths, self.old, self.name, self.groups, norm.channels, over, anew, reason)
        return row, moved


def carried_out(plans: Sequence[Plan], model: nn.Module) -> tuple[tuple[Row, ...], Moved]:
    """Every plan that has a new norm."""
    rows, moved = list[Row](), dict[nn.Parameter, nn.Parameter]()
    for plan in plans:
        if plan.new is not None and isinstance(plan.place.norm, Norm):
            row, pairs = plan.carry_out(model, plan.place.norm, plan.new)
            rows.append(row)
            moved |= pairs
    return tuple(rows), moved
