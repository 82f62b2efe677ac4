"""The masks of a run: of its model's dropout layers, and of the places where the model calls dropout as a function.

A call of `F.dropout` is told from others by its number in a pass. It takes its masks from a stream of its own, as a
layer does, so that arms share them and an engine that compiles draws the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.overrides import TorchFunctionMode

from normlab.models.graph.attention import ATTENTION
from normlab.models.graph.dropping import DROPPING, Unit, asked
from normlab.seeds import Replicate
from normlab.training.attention import attend, share_dropped
from normlab.training.dropout import PairedDropout, pair, repeated, reseed, resume, streams

Place = tuple[int, Replicate, int]
"""A study's root, a seed and an epoch."""


class Masks:
    """The dropout of a model, whose layers become paired ones; see `normlab.training.dropout`.

    `layers` are the model's own in module order, then one for each call in the order of a pass, found as they come.
    """

    def __init__(self, model: nn.Module) -> None:
        self.layers = pair(model)
        self.own = len(self.layers)
        self.place: Place = 0, 0, 0
        self.calls: bool | None = None  # whether there are any, not known before the first pass

    def begin(self, root: int, seed: Replicate, epoch: int) -> None:
        """Start the masks of an epoch."""
        self.place = root, seed, epoch
        reseed(self.layers, *self.place)

    def passing(self) -> AbstractContextManager[object]:
        """Around a pass in training: functions that drop take masks from here."""
        return nullcontext() if self.calls is False else _Pass(self)

    def of_call(self, number: int) -> PairedDropout:
        """The layer that stands for the call of this number, from 0 on, of functions that drop in a pass."""
        while len(self.layers) <= self.own + number:
            self.take([PairedDropout(0.0)])
        return self.layers[self.own + number]

    def take(self, layers: Sequence[PairedDropout]) -> None:
        """More layers that stand for calls; they begin where the epoch did."""
        self.layers += layers
        reseed(self.layers, *self.place, first=len(self.layers) - len(layers))

    def streams(self) -> NDArray[np.uint64]:
        """See `normlab.training.dropout.streams`."""
        return streams(self.layers)

    def resume(self, found: NDArray[np.uint64]) -> None:
        """Go on with the streams that `streams` found, those of calls among them."""
        if len(found) > len(self.layers):
            self.of_call(len(found) - self.own - 1)
        resume(self.layers, found)


class _Pass(TorchFunctionMode):
    """One pass of a model: what it calls is called, but for functions that drop."""

    def __init__(self, masks: Masks) -> None:
        super().__init__()
        self.masks, self.number = masks, 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """See `TorchFunctionMode`."""
        kwargs = kwargs or {}
        if func is ATTENTION and (p := share_dropped(args, kwargs)) and not repeated():
            return attend(self._next(p, "value"), *args, **kwargs)
        if func not in DROPPING or repeated():
            return func(*args, **kwargs)
        x, found = asked(func, args, kwargs)
        if not found.training or not isinstance(x, torch.Tensor):
            return func(*args, **kwargs)
        layer = self._next(found.p, found.unit)
        return x.copy_(layer(x)) if found.inplace else layer(x)

    def _next(self, p: float, unit: Unit) -> PairedDropout:
        """The layer that stands for this call, which is one more in the pass."""
        layer = self.masks.of_call(self.number)
        self.number += 1
        layer.ask(p, unit)
        return layer

    def __exit__(self, *error: object) -> None:
        """The pass is over; one that came to its end has shown whether there are calls."""
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        if self.masks.calls is None and error[0] is None:
            self.masks.calls = self.number > 0
