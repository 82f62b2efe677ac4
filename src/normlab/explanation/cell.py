"""One cell's whole arithmetic, spelled out as one would on a blackboard."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from operator import index

import numpy as np

from normlab.errors import SpecError
from normlab.explanation.numbers import bracketed, digits, number, shifted, total
from normlab.explanation.running import Running
from normlab.explanation.sets import letter
from normlab.explanation.worked import Worked

Cell = tuple[int, int, int, int]
"""Image, channel, row, column, counted from 0."""
AXES = ("image", "channel", "row", "column")


def read(text: str, shape: Sequence[int]) -> Cell:
    """A cell as people count, `image,channel,row,column` from 1; `SpecError` where the tensor has none."""
    parts = text.replace(",", " ").split()
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in parts]
    if len(numbers) != 4 or not all(1 <= one <= most for one, most in zip(numbers, shape, strict=True)):
        most = ", ".join(f"{name} 1 to {size}" for name, size in zip(AXES, shape, strict=True))
        raise SpecError(f"--cell: expected four numbers, {most}, got {text!r}")
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
    return [*_statistics(worked, at), *_result(worked, cell, at)]


def _statistics(worked: Worked, at: int) -> list[str]:
    """How the mean and the variance of a set come about."""
    values, name = worked.of(at), letter(at)
    centre, spread, count = worked.centre[at], worked.spread[at], values.size
    if worked.name.kind == "rms":
        squares = total(f"{bracketed(value)}²" for value in values)
        return [f"mean square of {name} = ({squares}) / {count} = {number(spread)}"]
    summed = total([number(values[0]), *(shifted(value) for value in values[1:])], " ")
    squares = total(f"({number(value)} {shifted(-centre)})²" for value in values)
    return [
        f"μ of {name} = ({summed}) / {count} = {number(values.sum())} / {count} = {number(centre)}",
        f"σ² of {name} = ({squares}) / {count} = {number(((values - centre) ** 2).sum())} / {count} = {number(spread)}",
    ]


def _result(worked: Worked, cell: Cell, at: int) -> list[str]:
    x, centre, spread = worked.x[cell], worked.centre[at], worked.spread[at]
    gamma, beta = (np.broadcast_to(values, worked.x.shape)[cell] for values in (worked.gamma, worked.beta))
    above = number(x) if worked.name.kind == "rms" else f"({number(x)} {shifted(-centre)})"
    root = sqrt(spread + worked.eps)
    return [
        f"x̂ = {above} / √({number(spread)} + {digits(worked.eps)}) = {number(x - centre)} / {number(root)}"
        f" = {number(worked.normalized[cell])}",
        f"y = γ · x̂ + β = {number(gamma)} · {bracketed(worked.normalized[cell])} {shifted(beta)}"
        f" = {number(worked.y[cell])}",
    ]


def remembered(worked: Worked, running: Running, cell: Cell) -> list[str]:
    """The update of the cell's running statistics, and the cell in eval mode."""
    channel = cell[1]
    count, biased = worked.x[:, 0].size, worked.spread[channel]
    unbiased, mean, variance = running.unbiased[channel], running.mean[channel], running.variance[channel]
    gamma, beta = float(worked.gamma[channel].item()), float(worked.beta[channel].item())
    root = f"√({number(variance)} + {digits(worked.eps)})"
    return [
        f"running mean = 0.9 · 0 + 0.1 · {bracketed(worked.centre[channel])} = {number(mean)}",
        f"unbiased variance = {number(biased)} · {count} / {count - 1} = {number(unbiased)}",
        f"running variance = 0.9 · 1 + 0.1 · {number(unbiased)} = {number(variance)}",
        f"eval: y = {number(gamma)} · ({number(worked.x[cell])} {shifted(-mean)}) / {root} {shifted(beta)}"
        f" = {number(running.y[cell])}",
    ]
