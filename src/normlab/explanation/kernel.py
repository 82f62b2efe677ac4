"""Weight standardization by a small kernel: what happens to the kernels before a norm of `ws+`.

Ŵ = (W − μ) / √(σ² + ε),   mean and biased variance over one output channel's kernel
"""

from __future__ import annotations

import numpy as np

from normlab.explanation.numbers import digits, number, shifted

KERNEL = (1.0, 2.0, 3.0, 6.0)
"""Of one input channel and 2×2 positions."""


def standardized(eps: float) -> list[float]:
    """What `KERNEL` becomes."""
    kernel = np.array(KERNEL)
    return [float(value) for value in (kernel - kernel.mean()) / np.sqrt(kernel.var() + eps)]


def lines(eps: float) -> list[str]:
    """Its arithmetic."""
    mean, variance = float(np.mean(KERNEL)), float(np.var(KERNEL))
    first = f"({number(KERNEL[0])} {shifted(-mean)}) / √({number(variance)} + {digits(eps)})"
    before, after = (", ".join(map(number, values)) for values in (KERNEL, standardized(eps)))
    return [
        "The last convolution before each norm has standardized kernels, with statistics of each output channel.",
        f"A kernel of {before} has μ = {number(mean)} and σ² = {number(variance)};",
        f"its first weight becomes Ŵ = {first} = {number(standardized(eps)[0])}",
        f"and all of it {after}. A tensor has no kernels: below this line it is the norm alone.",
    ]
