"""Functions that drop values, and what they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch
from torch.nn import functional as F

Unit = Literal["value", "channel", "image"]
"""What stays or is dropped as one: a value, as of `nn.Dropout`; an image's channel, as of `nn.Dropout2d`; an image."""


@dataclass(frozen=True)
class Asked:
    """The share `p` that is dropped, 0 to 1, of units; whether at all; and in place."""

    p: float
    training: bool
    inplace: bool
    unit: Unit


def asked(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, Asked]:
    """The tensor that a key of `DROPPING` is given, and what is asked; raises `TypeError` for arguments not its own."""
    return DROPPING[function](*arguments, **named)


def _dropout(
    input: Any,  # noqa: A002
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    unit: Unit = "value",
) -> tuple[Any, Asked]:
    return input, Asked(p, training, inplace, unit)


def _bare(input: Any, p: float, train: bool) -> tuple[Any, Asked]:  # noqa: A002
    return _dropout(input, p, train)


DROPPING: dict[Any, Callable[..., tuple[Any, Asked]]] = {
    F.dropout: _dropout,
    F.dropout2d: partial(_dropout, unit="channel"),
    torch.dropout: _bare,
}
