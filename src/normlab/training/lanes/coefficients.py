"""What all values of a parameter have in common: weight decay, and each λ of a penalty.

Parameters lie one behind the other, so that most vectors belong to one alone: few vectors of coefficients are enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Coefficients:
    """A number of each name for every parameter, zero unless given, and the vectors of them that there are."""

    def __init__(self, names: Sequence[str], places: Iterable[slice], lanes: int) -> None:
        self.names, self.lanes = names, lanes
        self.given: dict[tuple[int, int], Floats] = {
            (place.start, place.stop): np.zeros(len(names), np.float32) for place in places
        }

    def put(self, name: str, place: slice, value: float) -> None:
        """Give a parameter a number."""
        self.given[place.start, place.stop][self.names.index(name)] = value

    def vectors(self, count: int) -> tuple[NDArray[np.int32], Floats]:
        """Which of the vectors each of `count` has, int32 (count,), and those that there are (n, names, lanes)."""
        which, found = np.zeros(count, np.int32), dict[bytes, tuple[int, Floats]]()
        for (start, stop), numbers in self.given.items():
            whole = np.repeat(numbers[:, None], self.lanes, 1)
            which[-(-start // self.lanes) : stop // self.lanes] = _number(found, whole)
        for vector, parts in self._shared().items():
            which[vector] = _number(found, parts)
        table = [vectors for _, vectors in found.values()] or [self._none()]
        return which, np.stack(table)

    def _shared(self) -> Mapping[int, Floats]:
        """The vectors in which a parameter begins or ends."""
        shared: dict[int, Floats] = {}
        for (start, stop), numbers in self.given.items():
            for vector in {start // self.lanes, (stop - 1) // self.lanes}:
                first, last = max(start - vector * self.lanes, 0), min(stop - vector * self.lanes, self.lanes)
                if last - first < self.lanes:
                    shared.setdefault(vector, self._none())[:, first:last] = numbers[:, None]
        return shared

    def _none(self) -> Floats:
        return np.zeros((len(self.names), self.lanes), np.float32)


def _number(found: dict[bytes, tuple[int, Floats]], vectors: Floats) -> int:
    """The number of some vectors, a new one where nobody has had the same."""
    return found.setdefault(vectors.tobytes(), (len(found), vectors))[0]
