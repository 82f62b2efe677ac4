"""The numbers of one norm for one tensor, in NumPy and float64.

    x̂ = (x − μ_s) / √(σ²_s + ε),   y = γ · x̂ + β

with mean μ_s and biased variance σ²_s over the set s that the cell belongs to. RMS norm takes no mean away, and has the
mean of the squares in the place of the variance, as has filter response norm; `beyond` has what some norms do more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from normlab.errors import SpecError
from normlab.explanation.beyond import Beyond, activated, beyond
from normlab.explanation.beyond import normalized as normalized_by
from normlab.explanation.sets import count, sets
from normlab.norms.names import Name, read

EPS = 1e-5
"""ε, as every norm of normlab has it."""
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Worked:
    """A norm's numbers in training.

    Args:
        norm: its name, and `name` the name taken apart.
        x: the tensor, (N, C, H, W).
        sets: the set of each cell, of the same shape.
        centre, spread: of each set, (sets,): mean and biased variance; for `rms` and `frn` zeros and the mean of the
            squares; for `none` and `dyt` zeros and ones.
        gamma, beta: one for each channel, (C, 1, 1), or for `ln-chw` one for each element, (C, H, W).
        normalized, y: x̂ and γ·x̂ + β, (N, C, H, W).
        eps: ε, what is added to the variance.
        has: what the norm has beyond these, see `beyond`.
    """

    norm: str
    name: Name
    x: Array
    sets: NDArray[np.int64]
    centre: Array
    spread: Array
    gamma: Array
    beta: Array
    normalized: Array
    y: Array
    eps: float = EPS
    has: Beyond = field(default_factory=dict)

    def own(self, name: str, cell: tuple[int, ...]) -> float:
        """A cell's share of what the norm has beyond the rest."""
        return float(np.broadcast_to(self.has[name], self.x.shape)[cell])

    def of(self, index: int) -> Array:
        """The values of a set, in the tensor's order."""
        values: Array = self.x[self.sets == index]
        return values


def work(
    norm: str,
    x: Array,
    gamma: float | Array = 1.0,
    beta: float | Array = 0.0,
    *,
    eps: float = EPS,
    has: Beyond | None = None,
) -> Worked:
    """Work a norm.

    Args:
        norm: a name, for instance `bn` or `gn:3`.
        x: finite, (N, C, H, W).
        gamma, beta: one number, one for each channel, or for `ln-chw` one for each element.
        eps: ε, above 0.
        has: what the norm has beyond these; as at its start if left out.

    Raises:
        UnknownName, GroupsError: for the norm.
        SpecError: γ or β do not fit.
    """
    name = read(norm)
    where = sets(name, x.shape)
    centre, spread = _statistics(name, x, where)
    has = beyond(name.kind, centre, spread, eps) if has is None else has
    with np.errstate(divide="ignore", invalid="ignore"):  # ε is 0 in some networks
        normalized = normalized_by(name.kind, x, centre[where], np.sqrt(spread + eps)[where], has)
    scale, shift = (_affine(sign, given, name, x) for sign, given in (("gamma", gamma), ("beta", beta)))
    y = x if name.kind == "none" else activated(name.kind, scale * normalized + shift, has)
    return Worked(norm, name, x, where, centre, spread, scale, shift, normalized, y, eps, has)


def refused(name: Name, shape: tuple[int, ...]) -> bool:
    """Whether PyTorch refuses to train: a batch norm of one value a channel, group norm where all of a group is one."""
    images, channels, height, width = shape
    if name.over_images:
        return _fewest(name, images) * height * width == 1
    return name.kind in ("ln", "gn", "in") and images * channels * height * width == count(name, channels)


def _fewest(name: Name, images: int) -> int:
    """How many images share a statistic where the fewest do."""
    return images if name.images is None else images % name.images or min(name.images, images)


def _statistics(name: Name, x: Array, where: NDArray[np.int64]) -> tuple[Array, Array]:
    size = np.bincount(where.ravel())
    if name.pointwise:
        return np.zeros(len(size)), np.ones(len(size))
    centre = np.zeros(len(size)) if name.root_mean_square else np.bincount(where.ravel(), x.ravel()) / size
    return centre, np.bincount(where.ravel(), ((x - centre[where]) ** 2).ravel()) / size


def _affine(sign: str, given: float | Array, name: Name, x: Array) -> Array:
    """γ or β in a shape that goes over (C, H, W)."""
    values, (channels, height, width) = np.asarray(given, dtype=np.float64).ravel(), x.shape[1:]
    if not np.isfinite(values).all():
        raise SpecError(f"{sign}: expected finite numbers, got {values[~np.isfinite(values)][0]}")
    if name.kind == "ln-chw" and values.size == channels * height * width:
        return values.reshape(channels, height, width)
    if values.size not in (1, channels):
        raise SpecError(f"{sign}: expected one number, or one for each of {channels} channels, got {values.size}")
    per_channel = np.broadcast_to(values, channels).reshape(channels, 1, 1)
    return np.broadcast_to(per_channel, (channels, height, width)) if name.kind == "ln-chw" else per_channel
