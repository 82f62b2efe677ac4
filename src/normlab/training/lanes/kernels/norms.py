"""Normalization in steps that batch, group, layer, instance and RMS norm share.

    x̂ = (x − μ) · r,   y = γ · x̂ + β,   r = 1 / sqrt(σ² + eps)
    dx = r · (γ·dy − mean(γ·dy) − x̂ · mean(γ·dy·x̂))

`Moments` looks at one image and channel at a time, in two passes, so no variance is a difference of large numbers; the
kernels that end in `OfImage` and `OfBatch` put moments together over the norm's own set (after T. Chan, G. Golub and
R. LeVeque, 1979) and leave μ and r as one vector per channel. What follows is then the same for every norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from normlab.models.graph.dropping import Unit
from normlab.training.lanes.code import Code, Memory, Number, Variable, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import Mask, pace, positions
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

Affine = Literal["channel", "element"]
"""Whether γ and β have a value per channel or per element of an image."""


@dataclass(frozen=True)
class Moments(Kernel):
    """x → (mean, Σ(x − mean)²) per channel and lane; without `centre` the mean is 0."""

    x: Plane
    centre: bool = True
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, moments = memory
        with code.loop(0, self.x.channels) as c:
            sums = [code.variable(code.constant(0)) for _ in range(pace(self.x))]
            squares = [code.variable(code.constant(0)) for _ in sums]
            if self.centre:
                with code.loop(0, self.x.height) as i, code.loop(0, self.x.width, len(sums)) as j:
                    for k, part in enumerate(sums):
                        part.set(part.get() + x.vector(self.x.at(c, i, j + k)))
            mean = total(sums) * (1 / self.x.positions)
            with code.loop(0, self.x.height) as i, code.loop(0, self.x.width, len(sums)) as j:
                for k, part in enumerate(squares):
                    off = x.vector(self.x.at(c, i, j + k)) - mean
                    part.set(code.fma(off, off, part.get()))
            moments.put(c * 2, mean)
            moments.put(c * 2 + 1, total(squares))


@dataclass(frozen=True)
class OfImage(Kernel):
    """moments → (μ, r) per channel, over each image's groups of channels."""

    channels: int
    positions: int
    groups: int
    eps: float
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        moments, state = memory
        width = self.channels // self.groups
        with code.loop(0, self.channels, width) as start:
            total, squares = code.variable(code.constant(0)), code.variable(code.constant(0))
            with code.loop(start, start + width) as c:
                total.set(total.get() + moments.vector(c * 2))
            mean = total.get() * (1 / width)
            with code.loop(start, start + width) as c:
                off = moments.vector(c * 2) - mean
                squares.set(squares.get() + moments.vector(c * 2 + 1) + off * off * self.positions)
            variance = squares.get() * (1 / (width * self.positions))
            rate = code.constant(1) / code.root(variance + self.eps)
            with code.loop(start, start + width) as c:
                state.put(c * 2, mean)
                state.put(c * 2 + 1, rate)


@dataclass(frozen=True)
class OfBatch(Kernel):
    """moments of all blocks, live, counts, running mean and variance → (μ, r) per channel; the running ones move.

    `live` has 1 in the lanes that hold an image and 0 in the others; `counts` is (images, 1 / images).
    """

    channels: int
    positions: int
    eps: float
    momentum: float
    pointers = 6

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        moments, live, counts, running_mean, running_variance, state = memory
        images, share = counts.spread(0), counts.spread(1)
        with code.loop(0, self.channels) as c:
            total, squares = code.variable(code.constant(0)), code.variable(code.constant(0))
            with code.loop(0, blocks) as b:
                total.set(code.fma(moments.vector((b * self.channels + c) * 2), live.vector(b), total.get()))
            mean = code.spread(total.get().total()) * share
            with code.loop(0, blocks) as b:
                off = moments.vector((b * self.channels + c) * 2) - mean
                here = moments.vector((b * self.channels + c) * 2 + 1) + off * off * self.positions
                squares.set(code.fma(here, live.vector(b), squares.get()))
            summed = code.spread(squares.get().total())
            variance = summed * share * (1 / self.positions)
            state.put(c * 2, mean)
            state.put(c * 2 + 1, code.constant(1) / code.root(variance + self.eps))
            others = code.maximum(images * self.positions - 1, code.constant(1))
            self._move(code, running_mean, c, mean)
            self._move(code, running_variance, c, summed / others)

    def _move(self, code: Code, running: Memory, c: Number, to: Vector) -> None:
        moved = running.spread(c) * (1 - self.momentum) + to * self.momentum
        running.put_float(c, code.builder.extract_element(moved.value, code.integer(0)))


@dataclass(frozen=True)
class OfRunning(Kernel):
    """running mean and variance → (μ, r) per channel, for evaluation."""

    channels: int
    eps: float
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        running_mean, running_variance, state = memory
        with code.loop(0, self.channels) as c:
            state.put(c * 2, running_mean.spread(c))
            state.put(c * 2 + 1, code.constant(1) / code.root(running_variance.spread(c) + self.eps))


@dataclass(frozen=True)
class Apply(Kernel):
    """x, (μ, r), γ, β, keys, images → y, with dropout where `threshold` is not 0."""

    x: Plane
    y: Plane
    affine: Affine = "channel"
    threshold: int = 0
    unit: Unit = "value"
    relu: bool = False
    pointers = 7

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, state, gamma, beta, keys, images, y = memory
        mask = Mask(code, keys, images, self.x, self) if self.threshold else None
        with positions(code, self.x, pace(self.x)) as (c, i, j):
            masks = mask.at(c, i, j) if mask else []
            for k in range(pace(self.x)):
                at = c, i, j + k
                place = element(self.x, self.affine, at)
                off = x.vector(self.x.at(*at)) - state.vector(c * 2)
                value = code.fma(off * state.vector(c * 2 + 1), gamma.spread(place), beta.spread(place))
                value = code.maximum(value, code.constant(0)) if self.relu else value
                y.put(self.y.at(*at), value * masks[k] if mask else value)


@dataclass(frozen=True)
class Slopes(Kernel):
    """x, (μ, r), γ, keys, images, dy → dγ, dβ (added to), sums (Σγ·dy, Σγ·dy·x̂) per channel and lane.

    Where there was dropout, dy is masked in place.
    """

    x: Plane
    dy: Plane
    affine: Affine = "channel"
    threshold: int = 0
    unit: Unit = "value"
    pointers = 9

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, state, gamma, keys, images, dy, dgamma, dbeta, sums = memory
        mask = Mask(code, keys, images, self.x, self) if self.threshold else None
        by_channel = self.affine == "channel"
        with code.loop(0, self.x.channels) as c:
            plain, scaled = ([code.variable(code.constant(0)) for _ in range(pace(self.x))] for _ in range(2))
            mean, rate = state.vector(c * 2), state.vector(c * 2 + 1)
            with code.loop(0, self.x.height) as i, code.loop(0, self.x.width, pace(self.x)) as j:
                masks = mask.at(c, i, j) if mask else []
                for k in range(pace(self.x)):
                    at = c, i, j + k
                    slope = dy.vector(self.dy.at(*at))
                    if mask:
                        slope = slope * masks[k]
                        dy.put(self.dy.at(*at), slope)
                    off = x.vector(self.x.at(*at)) - mean
                    if not by_channel:
                        place = element(self.x, self.affine, at)
                        dgamma.add(place, slope * off * rate)
                        dbeta.add(place, slope)
                        slope = slope * gamma.spread(place)
                    plain[k].set(plain[k].get() + slope)
                    scaled[k].set(code.fma(slope, off, scaled[k].get()))
            first, second = total(plain), total(scaled) * rate
            if by_channel:
                dgamma.add(c, second)
                dbeta.add(c, first)
                first, second = first * gamma.spread(c), second * gamma.spread(c)
            sums.put(c * 2, first)
            sums.put(c * 2 + 1, second)


@dataclass(frozen=True)
class MeanSlopesOfImage(Kernel):
    """sums → their means over each image's groups, in place; without `centre` the first is 0."""

    channels: int
    positions: int
    groups: int
    centre: bool = True
    pointers = 1

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        (sums,) = memory
        width = self.channels // self.groups
        share = 1 / (width * self.positions)
        with code.loop(0, self.channels, width) as start:
            totals = [code.variable(code.constant(0)) for _ in range(2)]
            with code.loop(start, start + width) as c:
                for k in range(2):
                    totals[k].set(totals[k].get() + sums.vector(c * 2 + k))
            with code.loop(start, start + width) as c:
                sums.put(c * 2, totals[0].get() * (share if self.centre else 0))
                sums.put(c * 2 + 1, totals[1].get() * share)


@dataclass(frozen=True)
class MeanSlopesOfBatch(Kernel):
    """sums of all blocks, counts → means per channel, the same in every lane."""

    channels: int
    positions: int
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        sums, counts, means = memory
        share = counts.spread(1) * (1 / self.positions)
        with code.loop(0, self.channels * 2) as k:
            total = code.variable(code.constant(0))
            with code.loop(0, blocks) as b:
                total.set(total.get() + sums.vector(b * (self.channels * 2) + k))
            means.put(k, code.spread(total.get().total()) * share)


@dataclass(frozen=True)
class ThroughNorm(Kernel):
    """x, (μ, r), γ, means of slopes, live, dy → dx.

    With `rectified`, x came of a relu and dx is that of the relu's input. With `whole_batch`, lanes without an image
    get no slope: they are no part of the batch whose mean went through.
    """

    x: Plane
    dy: Plane
    dx: Plane
    affine: Affine = "channel"
    rectified: bool = False
    whole_batch: bool = False
    adds: bool = False
    pointers = 7

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, state, gamma, means, live, dy, dx = memory
        with positions(code, self.x) as at:
            c, value = at[0], x.vector(self.x.at(*at))
            mean, rate = state.vector(c * 2), state.vector(c * 2 + 1)
            slope = dy.vector(self.dy.at(*at)) * gamma.spread(element(self.x, self.affine, at))
            normal = (value - mean) * rate
            slope = (slope - means.vector(c * 2) - normal * means.vector(c * 2 + 1)) * rate
            if self.rectified:
                slope = code.select(value > 0, slope, code.constant(0))
            if self.whole_batch:
                slope = slope * live.vector(0)
            place = self.dx.at(*at)
            dx.put(place, slope + dx.vector(place) if self.adds else slope)


@dataclass(frozen=True)
class AcrossChannels(Kernel):
    """x, γ, β → y: each position of each image standardized over its channels; its mean stays unless it `centres`."""

    x: Plane
    y: Plane
    eps: float
    centres: bool = True
    pointers = 4

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, gamma, beta, y = memory
        with code.loop(0, self.x.height) as i, code.loop(0, self.x.width) as j:
            mean, rate = _over_channels(code, x, self.x, (i, j), self.eps, self.centres)
            with code.loop(0, self.x.channels) as c:
                normal = (x.vector(self.x.at(c, i, j)) - mean) * rate
                y.put(self.y.at(c, i, j), code.fma(normal, gamma.spread(c), beta.spread(c)))


@dataclass(frozen=True)
class AcrossChannelsGradient(Kernel):
    """x, γ, dy → dγ, dβ (added to), dx."""

    x: Plane
    dy: Plane
    dx: Plane
    eps: float
    centres: bool = True
    rectified: bool = False
    adds: bool = False
    pointers = 6

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, gamma, dy, dgamma, dbeta, dx = memory
        share, zero = 1 / self.x.channels, code.constant(0)
        with code.loop(0, self.x.height) as i, code.loop(0, self.x.width) as j:
            mean, rate = _over_channels(code, x, self.x, (i, j), self.eps, self.centres)
            plain, scaled = code.variable(zero), code.variable(zero)
            with code.loop(0, self.x.channels) as c:
                slope, normal = dy.vector(self.dy.at(c, i, j)), (x.vector(self.x.at(c, i, j)) - mean) * rate
                dgamma.add(c, slope * normal)
                dbeta.add(c, slope)
                plain.set(code.fma(slope, gamma.spread(c), plain.get()))
                scaled.set(code.fma(slope * gamma.spread(c), normal, scaled.get()))
            with code.loop(0, self.x.channels) as c:
                value, place = x.vector(self.x.at(c, i, j)), self.dx.at(c, i, j)
                through = dy.vector(self.dy.at(c, i, j)) * gamma.spread(c)
                through = through - plain.get() * share if self.centres else through
                through = (through - (value - mean) * rate * (scaled.get() * share)) * rate
                through = code.select(value > 0, through, zero) if self.rectified else through
                dx.put(place, through + dx.vector(place) if self.adds else through)


def total(sums: list[Variable]) -> Vector:
    """Partial sums put together."""
    whole = sums[0].get()
    for part in sums[1:]:
        whole = whole + part.get()
    return whole


def element(plane: Plane, affine: Affine, at: tuple[Number, Number, Number]) -> Number:
    """Which γ and β act at a position."""
    c, i, j = at
    return c if affine == "channel" else c * plane.positions + i * plane.width + j


def _over_channels(  # noqa: PLR0917
    code: Code, x: Memory, plane: Plane, at: tuple[Number, Number], eps: float, centres: bool
) -> tuple[Vector, Vector]:
    """What is taken away at a position, and what the rest is multiplied with."""
    mean, squares = code.constant(0), code.variable(code.constant(0))
    if centres:
        total = code.variable(mean)
        with code.loop(0, plane.channels) as c:
            total.set(total.get() + x.vector(plane.at(c, *at)))
        mean = total.get() * (1 / plane.channels)
    with code.loop(0, plane.channels) as c:
        off = x.vector(plane.at(c, *at)) - mean
        squares.set(code.fma(off, off, squares.get()))
    return mean, code.constant(1) / code.root(squares.get() * (1 / plane.channels) + eps)
