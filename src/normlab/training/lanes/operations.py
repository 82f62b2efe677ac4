"""What a step is made of: kernels on buffers, block by block or on the whole batch.

A block is as many images as a vector has lanes. Operations that look at one block at a time run block by block, as
many in a row as possible, so that a block's activations stay in the core's cache from the first layer to the last and
back. An operation that needs the whole batch (batch norm's statistics, the sums of gradients) ends such a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane


@dataclass(frozen=True, eq=False)
class Buffer:
    """`floats` of memory, for each block or once. `kept` ones exist for every block whoever uses them.

    What is only `passing` may lie where others do that are not needed at the same time: each step writes it before
    it is read. The border of a `plane` is cleared before that, see `borders`.
    """

    name: str
    floats: int
    each_block: bool = True
    kept: bool = False
    passing: bool = False
    plane: Plane | None = None


@dataclass(frozen=True, eq=False)
class Outside:
    """Memory that belongs to somebody else, once."""

    name: str
    address: int


@dataclass(frozen=True, eq=False)
class Part:
    """A buffer from a float on."""

    buffer: Buffer | Outside
    start: int = 0


@dataclass(frozen=True, eq=False)
class Operation:
    """A kernel on its buffers, block by block, or once for the whole batch; `layer` is whose it is, if any's."""

    kernel: Kernel
    parts: tuple[Part, ...]
    whole: bool = False
    layer: str = ""


def rows(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Operations in a row of one kind: block by block, or whole."""
    return [list(row) for _, row in groupby(operations, key=lambda operation: operation.whole)]
