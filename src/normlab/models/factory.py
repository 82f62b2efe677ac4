"""A function of one's own as a model: it is called with what it asks for by name, and with the arguments of the recipe.

    classes                   how many there are
    channels                  of an image: 1 or 3
    size                      of an image, (height, width)
    norm, norm_layer          a factory of norms, channels -> Module
    dropout                   the recipe's share of values dropped

A function that asks for no norm gives a network that has norms of its own; arms are made by exchanging these.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from normlab.errors import NetworkError, SpecError
from normlab.models.images import Shape
from normlab.norms import NormFactory, Slot
from normlab.own import function
from normlab.spec.places import Place

NORMS = ("norm", "norm_layer")
GIVEN = ("classes", "channels", "size", *NORMS, "dropout")


@dataclass(frozen=True)
class Factory:
    """A `Model` made of the function of a place, with `arguments` of the recipe's."""

    place: Place
    call: Callable[..., Any]
    arguments: Mapping[str, Any]

    @classmethod
    def of(cls, place: Place, arguments: Mapping[str, Any]) -> Factory:
        """The factory of a place; raises `NetworkError`, `OwnCodeError`."""
        return cls(place, function(place), arguments)

    @property
    def asked(self) -> Mapping[str, inspect.Parameter]:
        """The function's parameters by name; none where its signature is not known."""
        try:
            return inspect.signature(self.call).parameters
        except (TypeError, ValueError):
            return {}

    @property
    def takes_norm(self) -> bool:
        """Whether the function is given the norms to build with."""
        return any(name in self.asked for name in NORMS)

    def __call__(self, norm: NormFactory, *, dropout: float, shape: Shape, classes: int) -> nn.Module:
        """The network; raises `NetworkError` for what is none, `SpecError` for arguments, what the function raises."""
        norms = _Norms(norm)
        facts = zip(GIVEN, (classes, shape[0], shape[1:], norms, norms, dropout), strict=True)
        return self._called(dict(facts), dropout)

    def as_its_author_has_it(self, *, shape: Shape, classes: int) -> nn.Module:
        """The network with the norms that the function takes by itself; raises as a call does."""
        facts = dict(zip(("classes", "channels", "size"), (classes, shape[0], shape[1:]), strict=True))
        return self._called(facts, 0.0)

    def _called(self, facts: Mapping[str, Any], dropout: float) -> nn.Module:
        self._check(dropout)
        given = {name: fact for name, fact in facts.items() if name in self.asked}
        model = self.call(**given, **self.arguments)
        if not isinstance(model, nn.Module):
            raise NetworkError(f"{self.place.told}: expected an nn.Module, got {type(model).__name__}")
        return model

    def _check(self, dropout: float) -> None:
        """That the function is given all that it needs, and nothing that it would not look at."""
        told, asked, others = self.place.told, self.asked, self.arguments
        if dropout and "dropout" not in asked:
            raise NetworkError(f"{told} does not ask for dropout, and the recipe has {dropout:g}: set it to 0")
        if not any(each.kind is each.VAR_KEYWORD for each in asked.values()):
            refuse_unknown(str(self.place.here), others, asked)
        if fixed := [name for name in others if name in GIVEN]:
            raise NetworkError(f"{told} is given {fixed[0]} by the images and the recipe: leave it out of --model-args")
        if lacking := [name for name in asked if _needed(asked[name]) and name not in (*GIVEN, *others)]:
            raise NetworkError(f"{told} needs {lacking[0]}: say it with --model-args; given are {', '.join(GIVEN)}")


def refuse_unknown(model: str, arguments: Iterable[str], takes: Collection[str]) -> None:
    """Raise `SpecError` for an argument of the recipe's that a model does not take."""
    for name in arguments:
        if name not in takes:
            told = ", ".join(takes) or "none"
            raise SpecError(f"model_args: {model} takes no argument {name}; it takes {told}")


def _needed(parameter: inspect.Parameter) -> bool:
    several = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and not several


class _Norms:
    """What a function is given as `norm`: counts the norms, which have no names yet when they are made."""

    def __init__(self, fill: NormFactory) -> None:
        self.fill, self.count = fill, 0

    def __call__(self, channels: int) -> nn.Module:
        self.count += 1
        return self.fill(Slot(f"norm {self.count}", channels, None, None))
