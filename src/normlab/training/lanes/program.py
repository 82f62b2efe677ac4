"""Operations ready to run: machine code, and the addresses that it works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from normlab.training.lanes.arena import Arena
from normlab.training.lanes.compile import RECORD, addresses, dispatcher
from normlab.training.lanes.operations import Operation, Part, rows
from normlab.training.lanes.target import Target


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
