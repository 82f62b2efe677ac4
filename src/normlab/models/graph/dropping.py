"""Functions that drop values, and what they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch.nn import functional as F


@dataclass(frozen=True)
class Asked:
    """The share `p` that is dropped, 0 to 1; whether at all; in place; and whole channels, as of `nn.Dropout2d`."""

    p: float
    training: bool
    inplace: bool
    whole: bool


def asked(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, Asked]:
    """The tensor that a key of `DROPPING` is given, and what is asked; raises `TypeError` for arguments not its own."""
    return DROPPING[function](*arguments, **named)


def _dropout(
    input: Any,  # noqa: A002
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    whole: bool = False,
) -> tuple[Any, Asked]:
    return input, Asked(p, training, inplace, whole)


def _bare(input: Any, p: float, train: bool) -> tuple[Any, Asked]:  # noqa: A002
    return _dropout(input, p, train)


DROPPING: dict[Any, Callable[..., tuple[Any, Asked]]] = {
    F.dropout: _dropout,
    F.dropout2d: partial(_dropout, whole=True),
    torch.dropout: _bare,
}
