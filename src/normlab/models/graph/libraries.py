"""Libraries that ask what kind of tensor they are given, and are taught what a traced value is: einops.

Nothing is imported here: where the network's own code has not imported einops, there is nothing to teach.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any


def teach(traced: type) -> None:
    """Have einops take traced values for PyTorch's tensors: it asks every backend there is which types it knows."""
    backends = sys.modules.get("einops._backends")
    base = getattr(backends, "TorchBackend", None)
    if base is not None:
        _backend(base, traced)


@cache
def _backend(base: Any, traced: type) -> type:
    """PyTorch's backend for traced values, whose shapes einops may compare as it likes."""

    class Traced(base):  # type: ignore[misc]  # einops has no types
        framework_name = "normlab"  # einops asks those whose package is imported

        def is_appropriate_type(self, tensor: object) -> bool:
            return isinstance(tensor, traced)

        def shape(self, x: Any) -> Sequence[int]:
            return tuple(int(size) for size in x.shape)

    return Traced


def is_asked_by(library: str) -> bool:
    """Whether a library compares what is compared here, in the caller or in the caller's own."""
    frames = [sys._getframe(2), sys._getframe(3)]
    return any(str(frame.f_globals.get("__name__", "")).partition(".")[0] == library for frame in frames)
