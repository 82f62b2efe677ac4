"""What is said of a layer: the headline, a distribution in numbers, and one value's arithmetic."""

from __future__ import annotations

import numpy as np

from normlab.explaining.cell import place
from normlab.explaining.layers.layer import Layer
from normlab.explaining.numbers import digits, fixed, number, shifted
from normlab.explaining.worked import Array

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


def summary(values: Array) -> list[str]:
    """Mean, standard deviation, smallest, largest, and the share of exact zeros."""
    shown = [fixed(value, 4) for value in (values.mean(), values.std(), values.min(), values.max())]
    return [*shown, f"{100 * (values == 0).mean():.1f} %"]


def spelled(layer: Layer) -> list[str]:
    """The arithmetic of the largest value that enters, and what of it is the norm's own."""
    at = tuple(int(axis) for axis in np.unravel_index(layer.x.argmax(), layer.x.shape))
    if layer.worked.name.kind == "none":
        return [f"y = x, for instance {number(layer.x[at])}"]
    return [_value(layer, at), *_alone(layer, at)]


def _value(layer: Layer, at: tuple[int, ...]) -> str:
    mean, spread = _statistics(layer, at)
    gamma, beta = (float(np.broadcast_to(v, layer.x.shape)[at]) for v in (layer.worked.gamma, layer.worked.beta))
    above = number(layer.x[at]) if layer.worked.name.kind == "rms" else f"({number(layer.x[at])} {shifted(-mean)})"
    where = place((0, *at)).removeprefix("image 1, ")  # type: ignore[arg-type]
    root = f"√({number(spread)} + {digits(layer.worked.eps)})"
    y = f"{number(gamma)} · {above} / {root} {shifted(beta)} = {number(layer.y[at])}"
    return f"The largest value, {where}: y = {y}"


def _statistics(layer: Layer, at: tuple[int, ...]) -> tuple[float, float]:
    """What this value is centred and divided by."""
    if layer.worked.name.kind == "bn":
        return float(layer.mean[at[0]]), float(layer.spread[at[0]])
    index = layer.worked.sets[0][at]
    return float(layer.worked.centre[index]), float(layer.worked.spread[index])


def _alone(layer: Layer, at: tuple[int, ...]) -> list[str]:
    """Batch norm's running statistics beside those of the image itself."""
    if layer.worked.name.kind != "bn" or np.array_equal(layer.mean, layer.worked.centre):
        return []
    index = layer.worked.sets[0][at]
    mean, variance = layer.worked.centre[index], layer.worked.spread[index]
    return [
        f"In eval mode mean and variance are the running ones, learned from training images; the image's own are"
        f" {number(mean)} and {number(variance)} in that channel, by which y would be {number(layer.worked.y[0][at])}"
    ]
