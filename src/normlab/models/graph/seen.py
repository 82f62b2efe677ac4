"""What stands for a value while a network is watched: it has the value, and is not to be chosen by."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx

from normlab.models.graph.libraries import is_asked_by
from normlab.models.graph.refusals import NotUnderstood, not_understood

IMAGES = 2
"""Images that pass: two, so that a reshape which mixes images is seen."""


class Count(int):
    """How many images there are: a network may compute with it, and not choose by it, for it is another each time.

    einops compares sizes that it was given with those that it knows.
    """

    def _compared(self, other: object) -> bool:
        if isinstance(other, Count):
            return True
        if is_asked_by("einops"):
            return int(self) == other
        raise NotUnderstood(f"a choice by how many images there are, and whether they are {other}, is not understood")

    __eq__ = __le__ = __ge__ = _compared
    __hash__ = int.__hash__

    def _differs(self, other: object) -> bool:
        return not Count._compared(self, other)

    __ne__ = __lt__ = __gt__ = _differs


class Seen(fx.Proxy):
    """A proxy that knows its value: what is asked of it and is no tensor is answered at once."""

    value: Any = None

    def __getattr__(self, k: str) -> Any:
        found = getattr(self.value, k, None)
        found = found if self._of_parameters() else counted(found)
        if found is None or callable(found) or isinstance(found, torch.Tensor):
            return super().__getattr__(k)
        return found

    def __len__(self) -> int:
        images = isinstance(self.value, torch.Tensor) and not self._of_parameters()
        return Count(IMAGES) if images else len(self.value)

    def _of_parameters(self) -> bool:
        tracer: Any = self.tracer
        found: bool = tracer.passed.of_parameters(self.node.name)
        return found

    def __iter__(self) -> Iterator[Any]:
        """The parts of what was cut, or of a tensor's first dimension, which are as many as are there."""
        if not isinstance(self.value, tuple | list | torch.Tensor) or not len(self.value):
            raise not_understood(self.node, "which is gone through one by one")
        return (operator.getitem(self, k) for k in range(len(self.value)))


def counted(value: Any) -> Any:
    """A shape that begins with how many images there are."""
    return (Count(IMAGES), *value[1:]) if isinstance(value, torch.Size) and value[:1] == (IMAGES,) else value


def plain(given: Any) -> Any:
    """What a call is given, with plain numbers."""
    return fx.node.map_aggregate(given, lambda each: int(each) if isinstance(each, Count) else each)


def value_of(argument: Any) -> Any:
    """The value of an argument."""
    if isinstance(argument, Seen):
        return argument.value
    if isinstance(argument, fx.proxy.Attribute):
        return getattr(value_of(argument.root), argument.attr)
    return argument
