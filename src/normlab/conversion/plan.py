"""What becomes of one place: decided before anything is changed, carried out afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from normlab.conversion import policy
from normlab.conversion.carrying import carry
from normlab.conversion.facts import Norm, Unknown
from normlab.conversion.making import Asked, Target, make, same, unfit
from normlab.conversion.places import Place
from normlab.conversion.report import Row
from normlab.conversion.stands import NormThen
from normlab.errors import NetworkError


class Plan:
    """What becomes of one place: a new norm, or why there is none."""

    new: nn.Module | None = None
    groups: int | None = None
    why: str = ""

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
        """As people call it: its name, and its class where that says more."""
        norm, kind = self.place.norm, type(self.place.module).__name__
        return norm.name if isinstance(norm, Norm) else kind

    def _decide(self, norm: Norm, target: Target, *, nearest: bool) -> None:
        self.why = unfit(target, norm)
        if self.why:
            return
        if isinstance(target, Asked) and not norm.features:
            self.groups = policy.groups(target.name, self.place, nearest=nearest)
        if same(target, norm, self.groups):
            self.why = f"is {norm.name} already"
            return
        self.new = make(target, self.place, norm, self.groups)
        self.name = _named(target, self.groups, norm)

    def carry_out(self, model: nn.Module) -> Row:
        """Put the new norm where the old one is."""
        place, norm, new = self.place, self.place.norm, self.new
        if not isinstance(norm, Norm) or new is None:
            raise NetworkError(f"{place.path} cannot be converted: {self.why}")
        carried, reset = carry(norm, new)
        module = NormThen(new, norm.behind).train(norm.module.training) if norm.behind else new
        for path in place.paths:
            _put(model, path, module)
        reason = f"{type(norm.behind[-1]).__name__} stands behind it" if norm.behind else ""
        return Row(place.path, place.paths, self.old, self.name, self.groups, norm.channels, carried, reset, reason)


def _put(model: nn.Module, path: str, module: nn.Module) -> None:
    if not path:
        raise NetworkError("the network is itself one norm: there is nothing around it to put another one into")
    owner, _, name = path.rpartition(".")
    model.get_submodule(owner)._modules[name] = module


def _named(target: Target, groups: int | None, norm: Norm) -> str:
    if not isinstance(target, Asked):
        return called(target)
    if target.kind == "gn" and groups is not None:
        return f"gn:{groups}"
    return "ln" if norm.features and target.kind == "ln-c" else target.kind


def called(function: Any) -> str:
    """The name of a function that makes norms."""
    return str(getattr(function, "__name__", type(function).__name__))
