"""One cell's whole arithmetic, spelled out as one would on a blackboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from operator import index

import numpy as np

from normlab.errors import SpecError
from normlab.explanation.beyond import D_MAX, R_MAX, sigmoid
from normlab.explanation.numbers import bracketed, digits, number, shifted, total
from normlab.explanation.running import Running
from normlab.explanation.sets import letter
from normlab.explanation.worked import Worked
from normlab.spec.problems import short

Cell = tuple[int, int, int, int]
"""Image, channel, row, column, counted from 0."""
AXES = ("image", "channel", "row", "column")


def read(text: str, shape: Sequence[int]) -> Cell:
    """A cell as people count, `image,channel,row,column` from 1; `SpecError` where the tensor has none."""
    parts = text.replace(",", " ").split()
    numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 10 else 0 for part in parts]
    if len(numbers) != 4 or not all(1 <= one <= most for one, most in zip(numbers, shape, strict=True)):
        most = ", ".join(f"{name} 1 to {size}" for name, size in zip(AXES, shape, strict=True))
        raise SpecError(f"--cell: expected four numbers, {most}, got {short(text)}")
    image, channel, row, column = (one - 1 for one in numbers)
    return image, channel, row, column


def inside(cell: Cell | None, shape: Sequence[int]) -> Cell:
    """The cell if the tensor has it, or the first of image 1's second channel if none is given."""
    if cell is None:
        return 0, min(1, shape[1] - 1), 0, 0
    try:
        image, channel, row, column = map(index, cell)
    except (TypeError, ValueError):
        raise SpecError(f"cell: expected four whole numbers from 0, below {tuple(shape)}, got {cell!r}") from None
    found = image, channel, row, column
    if not all(0 <= at < size for at, size in zip(found, shape, strict=True)):
        raise SpecError(f"cell: expected four whole numbers from 0, below {tuple(shape)}, got {cell!r}")
    return found


def place(cell: Cell) -> str:
    """`image 1, channel 2, row 1, column 2`."""
    return ", ".join(f"{name} {at + 1}" for name, at in zip(AXES, cell, strict=True))


def arithmetic(worked: Worked, cell: Cell) -> list[str]:
    """The lines from the cell's value to its result."""
    if worked.name.kind == "none":
        return [f"y = x = {number(worked.x[cell])}"]
    at = int(worked.sets[cell])
    statistics = [] if worked.name.kind == "dyt" else _statistics(worked, at)
    return [*statistics, *NORMALIZED.get(worked.name.kind, _standardized)(worked, cell, at), _result(worked, cell)]


def _statistics(worked: Worked, at: int) -> list[str]:
    """How the mean and the variance of a set come about."""
    values, name = worked.of(at), letter(at)
    centre, spread, count = worked.centre[at], worked.spread[at], values.size
    if worked.name.root_mean_square:
        squares = total(f"{bracketed(value)}²" for value in values)
        return [f"mean square of {name} = ({squares}) / {count} = {number(spread)}"]
    summed = total([number(values[0]), *(shifted(value) for value in values[1:])], " ")
    squares = total(f"({number(value)} {shifted(-centre)})²" for value in values)
    return [
        f"μ of {name} = ({summed}) / {count} = {number(values.sum())} / {count} = {number(centre)}",
        f"σ² of {name} = ({squares}) / {count} = {number(((values - centre) ** 2).sum())} / {count} = {number(spread)}",
    ]


def _root(worked: Worked, at: int) -> str:
    return f"√({number(worked.spread[at])} + {digits(worked.eps)})"


def _standardized(worked: Worked, cell: Cell, at: int) -> list[str]:
    x, centre, root = worked.x[cell], worked.centre[at], sqrt(worked.spread[at] + worked.eps)
    above = number(x) if worked.name.root_mean_square else f"({number(x)} {shifted(-centre)})"
    return [
        f"x̂ = {above} / {_root(worked, at)} = {number(x - centre)} / {number(root)} = {number((x - centre) / root)}"
    ]


def _squashed(worked: Worked, cell: Cell, _at: int) -> list[str]:
    inside = f"{number(worked.own('alpha', cell))} · {bracketed(worked.x[cell])}"
    return [f"x̂ = tanh(α · x) = tanh({inside}) = {number(worked.normalized[cell])}"]


def _swished(worked: Worked, cell: Cell, at: int) -> list[str]:
    x, slope = worked.x[cell], worked.own("slope", cell)
    gate = sigmoid(np.asarray(slope * x)).item()
    return [
        f"sigmoid(v · x) = sigmoid({number(slope)} · {bracketed(x)}) = {number(gate)}",
        f"x̂ = {number(x)} · {number(gate)} / {_root(worked, at)} = {number(worked.normalized[cell])}",
    ]


def _renormed(worked: Worked, cell: Cell, at: int) -> list[str]:
    r, d = worked.own("r", cell), worked.own("d", cell)
    before, start = _standardized(worked, cell, at), f"√(1 + {digits(worked.eps)})"
    plain = (worked.x[cell] - worked.centre[at]) / sqrt(worked.spread[at] + worked.eps)
    return [
        *before,
        f"r = {_root(worked, at)} / {start}, from 1/{number(R_MAX)} to {number(R_MAX)} = {number(r)}",
        f"d = ({number(worked.centre[at])} − 0) / {start}, from {number(-D_MAX)} to {number(D_MAX)} = {number(d)}",
        f"x̂ · r + d = {number(plain)} · {number(r)} {shifted(d)} = {number(worked.normalized[cell])}",
    ]


NORMALIZED: dict[str, Callable[[Worked, Cell, int], list[str]]] = {
    "dyt": _squashed,
    "evonorm-s0": _swished,
    "brn": _renormed,
}
"""How x̂ comes about where it is more than a difference over a root; `int` is the cell's set."""


def _result(worked: Worked, cell: Cell) -> str:
    gamma, beta = (np.broadcast_to(values, worked.x.shape)[cell] for values in (worked.gamma, worked.beta))
    sign = "(x̂ · r + d)" if worked.name.kind == "brn" else "x̂"
    value = f"{number(gamma)} · {bracketed(worked.normalized[cell])} {shifted(beta)}"
    if worked.name.kind == "frn":
        threshold = number(worked.own("threshold", cell))
        return f"y = max(γ · x̂ + β, τ) = max({value}, {threshold}) = {number(worked.y[cell])}"
    return f"y = γ · {sign} + β = {value} = {number(worked.y[cell])}"


def remembered(worked: Worked, running: Running, cell: Cell) -> list[str]:
    """The last update of the cell's running statistics, and the cell in eval mode."""
    channel, channels = cell[1], worked.x.shape[1]
    last = len(worked.centre) - channels + channel  # the channel's set in the last chunk
    count, unbiased = worked.of(last).size, running.unbiased[last]
    (mean_before, mean), (variance_before, variance) = running.means[-2:, channel], running.variances[-2:, channel]
    gamma, beta = float(worked.gamma[channel].item()), float(worked.beta[channel].item())
    root = f"√({number(variance)} + {digits(worked.eps)})"
    return [
        f"running mean = 0.9 · {bracketed(mean_before)} + 0.1 · {bracketed(worked.centre[last])} = {number(mean)}",
        f"unbiased variance = {number(worked.spread[last])} · {count} / {count - 1} = {number(unbiased)}",
        f"running variance = 0.9 · {number(variance_before)} + 0.1 · {number(unbiased)} = {number(variance)}",
        f"eval: y = {number(gamma)} · ({number(worked.x[cell])} {shifted(-mean)}) / {root} {shifted(beta)}"
        f" = {number(running.y[cell])}",
    ]
