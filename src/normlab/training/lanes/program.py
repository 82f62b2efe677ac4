"""Operations and the memory they work on: which buffers exist once and which for every block, and who runs when.

A block is as many images as a vector has lanes. Operations that look at one block at a time run block by block, as
many in a row as possible, so that a block's activations stay in the core's cache from the first layer to the last and
back. An operation that needs the whole batch (batch norm's statistics, the sums of gradients) ends such a row. What is
used within one row of blocks only exists once; what is needed after it, or by what needs the whole batch, exists for
every block. Of what lies in memory in the same way, what is not needed at the same time has the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from normlab.training.lanes.compile import RECORD, addresses, dispatcher
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

ALIGNMENT = 16  # floats of a cache line


@dataclass(frozen=True, eq=False)
class Buffer:
    """`floats` of memory, for each block or once. `kept` ones exist for every block whoever uses them.

    What has a `plane`, and is not kept, may lie where others of the same plane do: who writes it writes all positions,
    and nobody its border.
    """

    name: str
    floats: int
    each_block: bool = True
    kept: bool = False
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


Spans = dict[int, tuple[int, int]]
"""In which rows of each program a buffer is needed: from the first to the last."""


class Arena:
    """The memory of programs that share buffers, all zeros at the start."""

    def __init__(self, programs: Iterable[Sequence[Operation]], blocks: int, always: Iterable[Buffer] = ()) -> None:
        self.blocks = blocks
        self.copies: dict[Buffer, int] = {buffer: blocks if buffer.each_block else 1 for buffer in always}
        self.spans: dict[Buffer, Spans] = {}
        for number, operations in enumerate(programs):
            self._count(operations, number)
        self.starts: dict[Buffer, int] = {}
        size = self._place_all()
        room = np.zeros(size + ALIGNMENT, np.float32)
        shift = -room.ctypes.data % (4 * ALIGNMENT) // 4
        self.floats = room[shift : shift + size]

    def _place_all(self) -> int:
        """Give each buffer its place, and the size of all: where one of its kind was that is needed no more, if any."""
        size, places = 0, dict[tuple[Plane, int], list[tuple[int, list[Spans]]]]()
        for buffer, copies in self.copies.items():
            shared = places.setdefault((buffer.plane, copies), []) if buffer.plane and not buffer.kept else []
            spans = self.spans.get(buffer, {})
            found = next(
                ((start, others) for start, others in shared if not any(_meet(spans, o) for o in others)), None
            )
            if found is None:
                found = size, []
                shared.append(found)
                size += -(-buffer.floats * copies // ALIGNMENT) * ALIGNMENT
            self.starts[buffer] = found[0]
            found[1].append(spans)
        return size

    def _count(self, operations: Sequence[Operation], program: int) -> None:
        seen: dict[Buffer, int] = {}
        for number, row in enumerate(rows(operations)):
            for part in (part for operation in row for part in operation.parts):
                buffer = part.buffer
                if isinstance(buffer, Outside):
                    continue
                crosses = seen.setdefault(buffer, number) != number
                self.spans.setdefault(buffer, {})[program] = seen[buffer], number
                many = buffer.each_block and (crosses or buffer.kept or row[0].whole)
                self.copies[buffer] = max(self.copies.get(buffer, 1), self.blocks if many else 1)

    def view(self, buffer: Buffer) -> NDArray[np.float32]:
        """The buffer's memory, float32 (copies, floats)."""
        start, copies = self.starts[buffer], self.copies[buffer]
        return self.floats[start : start + copies * buffer.floats].reshape(copies, buffer.floats)

    def place(self, part: Part) -> tuple[int, int] | None:
        """The part's address, and the bytes from one block's to the next's; None where it lies in another arena."""
        if isinstance(part.buffer, Outside):
            return part.buffer.address, 0
        if part.buffer not in self.starts:
            return None
        address = self.floats.ctypes.data + 4 * (self.starts[part.buffer] + part.start)
        return address, 4 * part.buffer.floats if self.copies[part.buffer] > 1 else 0


def _meet(one: Spans, other: Spans) -> bool:
    """Whether two buffers are needed at the same time, in some program."""
    both = one.keys() & other.keys()
    return any(one[p][0] <= other[p][1] and other[p][0] <= one[p][1] for p in both)


class Program:
    """Operations ready to run."""

    def __init__(self, operations: Sequence[Operation], arenas: Sequence[Arena], target: Target) -> None:
        code = addresses((operation.kernel for operation in operations), target)
        self.dispatch, self.arenas = dispatcher(target), arenas
        self.rows: list[tuple[bool, NDArray[np.int64]]] = []
        self.layers = [operation.layer for operation in operations]
        for row in rows(operations):
            table = np.zeros((len(row), RECORD), np.int64)
            for record, operation in zip(table, row, strict=True):
                places = [number for part in operation.parts for number in self._place(part)]
                record[0], record[1 : 1 + len(places)] = code[operation.kernel], places
            self.rows.append((row[0].whole, table))

    def apart(self, blocks: int) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each operation by itself on the first `blocks` blocks, in order, with its layer: for whoever times them."""
        names = iter(self.layers)
        for whole, table in self.rows:
            for record in table:
                yield next(names), partial(self.dispatch, record.ctypes.data, 1, 1 if whole else blocks, blocks)

    def _place(self, part: Part) -> tuple[int, int]:
        return next(place for arena in self.arenas if (place := arena.place(part)))

    def run(self, blocks: int) -> None:
        """Every operation on the first `blocks` blocks."""
        for whole, table in self.rows:
            self.dispatch(table.ctypes.data, len(table), 1 if whole else blocks, blocks)


def rows(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Operations in a row of one kind: block by block, or whole."""
    return [list(row) for _, row in groupby(operations, key=lambda operation: operation.whole)]
