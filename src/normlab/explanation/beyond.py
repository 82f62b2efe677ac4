"""What some norms have beyond a mean, a variance, γ and β: parameters, a correction, an activation.

    frn          y = max(γ · x̂ + β, τ),   x̂ = x / √(mean of x² + ε)
    dyt          x̂ = tanh(α · x)
    evonorm-s0   x̂ = x · sigmoid(v · x) / √(σ² + ε)
    brn          x̂ = (x − μ) / √(σ² + ε) · r + d

Where they are shown by a tensor, learned parameters are what they are at the start, τ = 0, α = 0.5 and v = 1. The
correction of batch renormalization is that of bounds which are fully open, r_max = 3 and d_max = 5, and of running
statistics at their start, mean 0 and variance 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Beyond = Mapping[str, Array]
"""By name, in shapes that go over (C, H, W)."""

LEARNED = {"frn": ("threshold", "τ", 0.0), "dyt": ("alpha", "α", 0.5), "evonorm-s0": ("slope", "v", 1.0)}
"""What a kind learns beside γ and β: its name in the layer, its sign, and where it starts."""
R_MAX, D_MAX = 3.0, 5.0


def beyond(kind: str, centre: Array, spread: Array, eps: float) -> Beyond:
    """What a norm has beyond the rest at its start; `centre` and `spread` are (C,) for batch renormalization."""
    if kind == "brn":
        running = np.sqrt(1 + eps)
        r = (np.sqrt(spread + eps) / running).clip(1 / R_MAX, R_MAX)
        d = (centre / running).clip(-D_MAX, D_MAX)
        return {"r": r.reshape(-1, 1, 1), "d": d.reshape(-1, 1, 1)}
    if kind in LEARNED:
        name, _, start = LEARNED[kind]
        return {name: np.full((1, 1, 1), start)}
    return {}


def normalized(kind: str, x: Array, centre: Array, root: Array, has: Beyond) -> Array:
    """The x̂ of a tensor, (N, C, H, W), as are `centre` and the `root` of each cell's set."""
    if kind == "none":
        return x
    if kind == "dyt":
        squashed: Array = np.tanh(has["alpha"] * x)
        return squashed
    if kind == "evonorm-s0":
        return x * sigmoid(has["slope"] * x) / root
    standardized = (x - centre) / root
    return standardized * has["r"] + has["d"] if kind == "brn" else standardized


def activated(kind: str, y: Array, has: Beyond) -> Array:
    """What a norm's own activation makes of γ · x̂ + β."""
    return np.maximum(y, has["threshold"]) if kind == "frn" else y


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^−x), without overflow."""
    half: Array = (1 + np.tanh(x / 2)) / 2
    return half
