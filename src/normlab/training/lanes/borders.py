"""Zeros around planes, made anew in each step where a plane's memory was another's before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.training.lanes.kernels.pointwise import Border
from normlab.training.lanes.operations import Buffer, Operation, Part


def cleared(operations: Sequence[Operation]) -> list[Operation]:
    """The operations, and before the first on a plane that passes one that clears its border."""
    seen: set[Buffer] = set()
    return [each for operation in operations for each in (*_borders(operation, seen), operation)]


def _borders(operation: Operation, seen: set[Buffer]) -> Iterator[Operation]:
    for buffer in (part.buffer for part in operation.parts):
        if isinstance(buffer, Buffer) and buffer not in seen:
            seen.add(buffer)
            if buffer.passing and buffer.plane and buffer.plane != buffer.plane.bare:
                yield Operation(
                    Border(buffer.plane, operation.whole), (Part(buffer),), operation.whole, operation.layer
                )
