"""The memory that operations work on: which buffers exist once and which for every block, and who lies where.

What is used within one row of blocks only exists once; what is needed after it, or by what needs the whole batch,
exists for every block. What is not needed at the same time may have the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.training.lanes.operations import Buffer, Operation, Outside, Part, rows

ALIGNMENT = 16
"""Floats of a cache line."""
NEVER = (2**31, -1)
"""The rows of a program that does not know a buffer: none meets them."""


class Arena:
    """The memory of programs that share buffers, all zeros at the start."""

    def __init__(self, programs: Iterable[Sequence[Operation]], blocks: int, always: Iterable[Buffer] = ()) -> None:
        self.blocks = blocks
        self.copies: dict[Buffer, int] = {buffer: blocks if buffer.each_block else 1 for buffer in always}
        self.spans: dict[Buffer, list[tuple[int, int]]] = {}
        every = list(programs)
        for number, operations in enumerate(every):
            self._count(operations, number, len(every))
        self.starts: dict[Buffer, int] = {}
        size = self._place_all(len(every))
        room = np.zeros(size + ALIGNMENT, np.float32)
        shift = -room.ctypes.data % (4 * ALIGNMENT) // 4
        self.floats = room[shift : shift + size]

    def _place_all(self, programs: int) -> int:
        """Give each buffer its place, and the size of all."""
        sizes = {b: -(-b.floats * copies // ALIGNMENT) * ALIGNMENT for b, copies in self.copies.items()}
        size = 0
        for buffer in (buffer for buffer in sizes if not buffer.passing):
            self.starts[buffer], size = size, size + sizes[buffer]
        passing = sorted((buffer for buffer in sizes if buffer.passing), key=lambda buffer: -sizes[buffer])
        needed = np.array([self.spans[buffer] for buffer in passing]).reshape(len(passing), programs, 2)
        places = placed([sizes[buffer] for buffer in passing], needed)
        self.starts |= {buffer: size + int(place) for buffer, place in zip(passing, places, strict=True)}
        return size + max((start + sizes[b] for b, start in zip(passing, places, strict=True)), default=0)

    def _count(self, operations: Sequence[Operation], program: int, programs: int) -> None:
        """In which rows of a program each buffer is needed, from the first to the last, and how often there is one."""
        seen: dict[Buffer, int] = {}
        for number, row in enumerate(rows(operations)):
            for part in (part for operation in row for part in operation.parts):
                buffer = part.buffer
                if isinstance(buffer, Outside):
                    continue
                crosses = seen.setdefault(buffer, number) != number
                self.spans.setdefault(buffer, [NEVER] * programs)[program] = seen[buffer], number
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


def placed(sizes: Sequence[int], needed: NDArray[np.int64]) -> list[int]:
    """Where buffers begin, the larger ones being placed first: as low as leaves alone what is needed at the same time.

    Args:
        sizes: of each buffer, in floats, falling.
        needed: int (buffers, programs, 2): the first and the last row of each program.
    """
    places = np.zeros(len(sizes), np.int64)
    ends = np.zeros(len(sizes), np.int64)
    for k, size in enumerate(sizes):
        meets = ((needed[:k, :, 0] <= needed[k, :, 1]) & (needed[k, :, 0] <= needed[:k, :, 1])).any(1)
        order = np.argsort(places[:k][meets], kind="stable")
        taken, free = places[:k][meets][order], 0
        reached = np.concatenate([[0], np.maximum.accumulate(ends[:k][meets][order])])
        fits = np.flatnonzero(taken - reached[:-1] >= size)
        free = reached[fits[0]] if len(fits) else reached[-1]
        places[k], ends[k] = free, free + size
    return [int(place) for place in places]
