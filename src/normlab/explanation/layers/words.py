"""What is said of a layer: the headline, a distribution in numbers, and one value's arithmetic."""

from __future__ import annotations

import numpy as np

from normlab.explanation.cell import place
from normlab.explanation.layers.layer import Layer
from normlab.explanation.numbers import bracketed, digits, number, shifted
from normlab.explanation.worked import Array, Worked
from normlab.show.numbers import MISSING, fixed, plural

At = tuple[int, ...]
"""Channel, row and column, from 0."""

HEAD = ("mean", "sd", "subtracted", "divided by", "γ", "β", "mean after", "sd after")
"""What `numbers` gives of a channel."""


def numbers(layer: Layer, channel: int) -> list[str]:
    """A channel before, what it is moved and scaled by, and after; see `HEAD`."""
    x, y = layer.x[channel], layer.y[channel]
    affine = [_common(values, layer, channel) for values in (layer.worked.gamma, layer.worked.beta)]
    used = [layer.mean[channel], np.sqrt(layer.spread[channel] + layer.worked.eps)]
    return [_told(value) for value in (x.mean(), x.std(), *used, *affine, y.mean(), y.std())]


def _common(values: Array, layer: Layer, channel: int) -> float:
    """γ or β of a channel, NaN where it has several."""
    those = np.broadcast_to(values, layer.x.shape)[channel]
    return float(those.flat[0]) if (those == those.flat[0]).all() else np.nan


def _told(value: float) -> str:
    return "varies" if np.isnan(value) else fixed(value, 4)


def answer(layer: Layer) -> tuple[str, str]:
    """The class that its network says and with which probability, dashes where it says none."""
    if layer.predicted is None or layer.probability is None:
        return MISSING, MISSING
    return layer.predicted, fixed(layer.probability, 4)


def summary(values: Array) -> list[str]:
    """Mean, standard deviation, smallest, largest, and the share of exact zeros."""
    shown = [fixed(value, 4) for value in (values.mean(), values.std(), values.min(), values.max())]
    return [*shown, f"{100 * (values == 0).mean():.1f} %"]


def spelled(layer: Layer) -> list[str]:
    """The arithmetic of the largest value that enters, and what else it would be."""
    at = tuple(int(axis) for axis in np.unravel_index(layer.x.argmax(), layer.x.shape))
    if layer.worked.name.kind == "none":
        return [f"y = x, for instance {number(layer.x[at])}"]
    where = place((0, *at)).removeprefix("image 1, ")  # type: ignore[arg-type]
    value = _value(layer.worked, at, _statistics(layer, at), float(layer.y[at]))
    return [f"The largest value, {where}: {value}", *_otherwise(layer, at)]


def _value(worked: Worked, at: At, statistics: tuple[float, float], y: float) -> str:
    """The norm's formula in numbers, for most y = γ · (x − μ) / √(σ² + ε) + β."""
    gamma, beta = (float(np.broadcast_to(v, worked.x[0].shape)[at]) for v in (worked.gamma, worked.beta))
    value = f"{number(gamma)} · {_normalized(worked, at, statistics)} {shifted(beta)}"
    if worked.name.kind == "frn":
        value = f"max({value}, {number(worked.own('threshold', (0, *at)))})"
    return f"y = {value} = {number(y)}"


def _normalized(worked: Worked, at: At, statistics: tuple[float, float]) -> str:
    """How x̂ comes about."""
    x, (mean, spread), kind = float(worked.x[0][at]), statistics, worked.name.kind
    if kind == "dyt":
        return f"tanh({number(worked.own('alpha', (0, *at)))} · {bracketed(x)})"
    root = f"√({number(spread)} + {digits(worked.eps)})"
    if kind == "evonorm-s0":
        return f"{number(x)} · sigmoid({number(worked.own('slope', (0, *at)))} · {bracketed(x)}) / {root}"
    above = number(x) if worked.name.root_mean_square else f"({number(x)} {shifted(-mean)})"
    return f"{above} / {root}"


def _statistics(layer: Layer, at: At) -> tuple[float, float]:
    """What this value is centred by, and what the root is taken of."""
    if not np.isnan(layer.mean[at[0]]):
        return float(layer.mean[at[0]]), float(layer.spread[at[0]])
    return _own(layer.worked, at)


def _own(worked: Worked, at: At) -> tuple[float, float]:
    index = worked.sets[0][at]
    return float(worked.centre[index]), float(worked.spread[index])


def _otherwise(layer: Layer, at: At) -> list[str]:
    """What batch norm and its kin would take in the place of their running statistics."""
    if not layer.worked.name.over_images or np.array_equal(layer.mean, layer.worked.centre):
        return []
    mean, variance = map(number, _own(layer.worked, at))
    lines = [
        f"These are running statistics, learned in training; the image's own in that channel are {mean} and {variance}"
    ]
    if layer.training is not None:
        y = float(layer.training.y[0][at])
        value = _value(layer.training, at, _own(layer.training, at), y)
        together = min(len(layer.training.x), layer.worked.name.images or len(layer.training.x))
        beside = plural(together - 1, "other image")
        lines.append(f"In training mode, beside {beside}, with statistics of that batch in all norms: {value}")
    return lines
