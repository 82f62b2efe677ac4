"""What puts numbers of planes into other planes: copies in another order, and products of matrices."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from normlab.models.graph.legs import Leg, index

Shape = tuple[int, ...]


class Arranged(nn.Module):
    """A plane's numbers, or some of them, in a plane of another shape, by legs along both."""

    def __init__(self, legs: Sequence[Leg], start: tuple[int, int, int], before: Shape, after: Shape) -> None:
        super().__init__()
        self.legs, self.start, self.before, self.after = tuple(legs), start, before, after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, *before) to (N, *after)."""
        moved = torch.empty_like(x.flatten(1)[:, :1]).repeat(1, index(self.legs, 1, self.after).numel())
        moved[:, index(self.legs, 1, self.after).flatten()] = x.flatten(1)[
            :, index(self.legs, 0, self.before, self.start).flatten()
        ]
        return moved.reshape(len(x), *self.after)


class Beside(nn.Module):
    """x · p, or x + p where it `shifts`: a parameter of the network's that has numbers for parts of channels."""

    of_each_value = True  # however a value lies

    def __init__(self, parameter: nn.Parameter, legs: Sequence[Leg], shape: Shape, *, shifts: bool) -> None:
        super().__init__()
        self.weight, self.legs, self.shape, self.shifts = parameter, tuple(legs), shape, shifts

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, *shape)."""
        numbers = self.weight.flatten()[index(self.legs, 1, (self.weight.numel(),)).flatten()]
        spread = torch.empty_like(numbers)
        spread[index(self.legs, 0, self.shape).flatten()] = numbers
        return x + spread.view(self.shape) if self.shifts else x * spread.view(self.shape)


class Contracted(nn.Module):
    """Products of matrices, y_gij = factor · Σ_k a_gik · b_gkj, each a walk along the planes a, b and y.

    Args:
        walks: the legs of g, i, j and k, by a step of a, of b and of y.
        shapes: of a, b and y.
        factor: of all products.
    """

    def __init__(self, walks: Sequence[Sequence[Leg]], shapes: Sequence[Shape], factor: float = 1.0) -> None:
        super().__init__()
        self.g, self.i, self.j, self.k = (tuple(walk) for walk in walks)
        self.shapes, self.factor = tuple(shapes), factor

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """(N, *shape) of each."""
        to = index((*self.g, *self.i, *self.j), 2, self.shapes[2]).flatten()
        made = self._matrices(a, 0, self.i, self.k) @ self._matrices(b, 1, self.k, self.j)
        y = torch.empty_like(made).flatten(1)
        y[:, to] = made.flatten(1) * self.factor
        return y.reshape(len(a), *self.shapes[2])

    def _matrices(self, x: torch.Tensor, which: int, rows: Sequence[Leg], columns: Sequence[Leg]) -> torch.Tensor:
        """(N, g, rows, columns)."""
        places = index((*self.g, *rows, *columns), which, self.shapes[which])
        return x.flatten(1)[:, places.reshape(_size(self.g), _size(rows), _size(columns))]


def _size(walk: Sequence[Leg]) -> int:
    size = 1
    for leg in walk:
        size *= leg.size
    return size
