"""Activations other than relu, value by value, and their slopes: written with the engine's own exponential.

Each is a function of x alone, so the backward pass reads x again and keeps nothing. Bytes: 8 for a value forward, 12
back; operations: about 20 where there is an exponential. Formulas are PyTorch's, float32 throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import positions
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target


@dataclass(frozen=True)
class Activation:
    """Which one: a key of `ACTIVATIONS`, and its numbers where it has some (a slope below 0, α, bounds)."""

    name: str
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Activate(Kernel):
    """x → y = f(x)."""

    x: Plane
    y: Plane
    how: Activation
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, y = memory
        with positions(code, self.x) as at:
            y.put(self.y.at(*at), _both(code, x.vector(self.x.at(*at)), self.how)[0])


@dataclass(frozen=True)
class ActivateGradient(Kernel):
    """x, dy → dx = f′(x) · dy, or with `adds` dx += it."""

    x: Plane
    dy: Plane
    dx: Plane
    how: Activation
    adds: bool = False
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, dy, dx = memory
        with positions(code, self.x) as at:
            slope = _both(code, x.vector(self.x.at(*at)), self.how)[1]
            value, place = slope * dy.vector(self.dy.at(*at)), self.dx.at(*at)
            dx.put(place, value + dx.vector(place) if self.adds else value)


@dataclass(frozen=True)
class Slanted(Kernel):
    """x, α → y: x above 0, α · x elsewhere, with one α for all channels or one for each (PReLU, He et al. 2015)."""

    x: Plane
    y: Plane
    each: bool
    pointers = 3

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, alpha, y = memory
        with positions(code, self.x) as at:
            value = x.vector(self.x.at(*at))
            below = value * alpha.spread(at[0] if self.each else 0)
            y.put(self.y.at(*at), code.select(value > 0, value, below))


@dataclass(frozen=True)
class SlantedGradient(Kernel):
    """x, α, dy → dα (added to), dx, or with `adds` dx += it."""

    x: Plane
    dy: Plane
    dx: Plane
    each: bool
    adds: bool = False
    pointers = 5

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        x, alpha, dy, dalpha, dx = memory
        zero = code.constant(0)
        with code.loop(0, self.x.channels) as c:
            which, summed = c if self.each else 0, code.variable(zero)
            slant = alpha.spread(which)
            with code.loop(0, self.x.height) as i, code.loop(0, self.x.width) as j:
                value, slope, place = x.vector(self.x.at(c, i, j)), dy.vector(self.dy.at(c, i, j)), self.dx.at(c, i, j)
                summed.set(code.fma(code.select(value > 0, zero, value), slope, summed.get()))
                slope = code.select(value > 0, slope, slope * slant)
                dx.put(place, slope + dx.vector(place) if self.adds else slope)
            dalpha.add(which, summed.get())


Both = tuple[Vector, Vector]
"""A function's value and its slope; the machine computes only what is used of them."""


def _both(code: Code, x: Vector, how: Activation) -> Both:
    return ACTIVATIONS[how.name](code, x, *how.numbers)


def _where(code: Code, bits: Vector, yes: Both, no: Both) -> Both:
    return code.select(bits, yes[0], no[0]), code.select(bits, yes[1], no[1])


def _leaky(code: Code, x: Vector, below: float) -> Both:
    """Its value: x above 0, below · x elsewhere."""
    return _where(code, x > 0, (x, code.constant(1)), (x * below, code.constant(below)))


def _line(code: Code, x: Vector, factor: float, shift: float) -> Both:
    """Its value: factor · x + shift."""
    return x * factor + shift, code.constant(factor)


def _power(code: Code, x: Vector, exponent: float, flat: float) -> Both:
    """Its value: x to an exponent of 3, 2, ½, −½, −1 or −2, and its slope, which is 0 at 0 where it is `flat`."""
    part = code.root(x) if exponent % 1 else x
    powers: dict[float, Vector] = {3: x * x * x, -1: x, 2: x * x, -2: x * x}
    power = powers.get(exponent, part)
    value = power if exponent > 0 else code.constant(1) / power
    slopes: dict[float, Vector] = {2: x, 3: x * x}
    slope = slopes.get(exponent, value / x) * exponent
    return value, code.select(x.equals(0), code.constant(0), slope) if flat else slope


def _elu(code: Code, x: Vector, alpha: float, scale: float = 1, pace: float = 1) -> Both:
    """Its value: scale · x above 0, scale · α · (e^(pace · x) − 1) elsewhere (Clevert et al. 2016, Barron 2017)."""
    raised = exponential(code, x * pace) * (scale * alpha)
    return _where(code, x > 0, (x * scale, code.constant(scale)), (raised - scale * alpha, raised * pace))


def _clipped(code: Code, x: Vector, low: float, high: float) -> Both:
    """Its value: x between two bounds, the bounds outside, where no slope passes."""
    inside = code.select(x > low, code.select(x < high, code.constant(1), code.constant(0)), code.constant(0))
    return code.select(x > high, code.constant(high), code.maximum(x, code.constant(low))), inside


def _relu6(code: Code, x: Vector) -> Both:
    """min(max(x, 0), 6)."""
    return _clipped(code, x, 0, 6)


def _hard_sigmoid(code: Code, x: Vector) -> Both:
    """relu6(x + 3) / 6."""
    value, slope = _clipped(code, x, -3, 3)
    return value / 6 + 0.5, slope / 6


def _hard_swish(code: Code, x: Vector) -> Both:
    """Its value: x · relu6(x + 3) / 6 (Howard et al. 2019)."""
    gate, slope = _hard_sigmoid(code, x)
    return x * gate, gate + x * slope


def _sigmoid(code: Code, x: Vector) -> Both:
    """1 / (1 + e⁻ˣ)."""
    small = exponential(code, x * -1)
    value = code.constant(1) / (small + 1)
    return value, value * (value * small)  # and not 1 − value, which is rounded away above 16


def _tanh(code: Code, x: Vector) -> Both:
    """(1 − t) / (1 + t) with t = e^(−2|x|), and the sign of x."""
    small = exponential(code, code.maximum(x, x * -1) * -2)
    size = (code.constant(1) - small) / (small + 1)
    return code.select(x < 0, size * -1, size), code.constant(1) - size * size


def _silu(code: Code, x: Vector) -> Both:
    """Its value: x · σ(x) (Elfwing et al. 2018)."""
    gate, slope = _sigmoid(code, x)
    return x * gate, gate + x * slope


def _mish(code: Code, x: Vector) -> Both:
    """Its value: x · tanh(ln(1 + eˣ)) (Misra 2019); with n = eˣ the tanh is (n² + 2n) / (n² + 2n + 2)."""
    bounded = code.select(x > MISH, code.constant(MISH), x)
    raised = exponential(code, bounded)
    square = raised * (raised + 2)
    gate = square / (square + 2)
    part = raised * (raised + 1) * 4 / ((square + 2) * (square + 2))
    return x * gate, gate + bounded * part


def _softplus(code: Code, x: Vector, beta: float, threshold: float) -> Both:
    """Its value: ln(1 + e^(βx)) / β, and x where βx is above the threshold."""
    raised = exponential(code, x * beta)
    value = code.log(raised + 1) * (1 / beta)
    return _where(code, x * beta > threshold, (x, code.constant(1)), (value, raised / (raised + 1)))


def _gelu(code: Code, x: Vector) -> Both:
    """Its value: x · Φ(x) (Hendrycks and Gimpel 2016), Φ by Abramowitz and Stegun 7.1.26, off by 7.5e-8 at most."""
    size = code.maximum(x, x * -1)
    bell = exponential(code, x * x * -0.5)
    t = code.constant(1) / (size * (0.3275911 / sqrt(2)) + 1)
    tail = code.constant(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail = code.fma(tail, t, code.constant(factor))
    tail = tail * t * bell * 0.5
    gate = code.select(x < 0, tail, code.constant(1) - tail)
    return x * gate, gate + x * bell * (1 / sqrt(2 * pi))


def _gelu_tanh(code: Code, x: Vector) -> Both:
    """Its value: x · σ(2u), u = √(2/π) · (x + 0.044715 x³): PyTorch's `approximate="tanh"`."""
    twice, cube = 2 * sqrt(2 / pi), 0.044715
    gate, slope = _sigmoid(code, (x * x * cube + 1) * x * twice)
    return x * gate, gate + x * slope * (x * x * (3 * cube) + 1) * twice


ACTIVATIONS: dict[str, Callable[..., Both]] = {
    "leaky": _leaky,
    "elu": _elu,
    "line": _line,
    "power": _power,
    "between": _clipped,
    "mish": _mish,
    "softplus": _softplus,
    "relu6": _relu6,
    "hardsigmoid": _hard_sigmoid,
    "hardswish": _hard_swish,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "silu": _silu,
    "gelu": _gelu,
    "gelu tanh": _gelu_tanh,
}

MISH = 20.0
"""From here on mish is x to float32's last bit."""
LOW, HIGH = -87.0, 88.0
"""Beyond these float32 has no exponential that is neither 0 nor infinite."""
LN2 = (0.693359375, -2.12194440e-4)
"""In two parts, of which the first has few digits: multiples of it are exact."""
SERIES = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)


def exponential(code: Code, x: Vector) -> Vector:
    """eˣ = 2ⁿ · eʳ, r at most half of ln 2 in size, eʳ by the polynomial of Cephes: within 2 units in the last place.

    Calls of the C library, one for each lane, would take ten times as long. NaN stays NaN.
    """
    x = code.select(x < LOW, code.constant(LOW), code.select(x > HIGH, code.constant(HIGH), x))
    n = code.floor(x * 1.44269504088896341 + 0.5)
    r = code.fma(n, code.constant(-LN2[1]), code.fma(n, code.constant(-LN2[0]), x))
    value = code.constant(SERIES[0])
    for factor in SERIES[1:]:
        value = code.fma(value, r, code.constant(factor))
    value = code.fma(value, r * r, r + 1)
    return value * code.of_bits((code.to_word(n) + 127) << 23)
