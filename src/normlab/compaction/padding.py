"""Whether a layer sees zeros around its input, beside which a constant channel is not constant."""

from __future__ import annotations

from torch import nn


def pads(module: nn.Module | None) -> bool:
    """Whether a convolution reads zeros around its input; a linear layer does not."""
    return isinstance(module, nn.Conv2d) and any(side != 0 for side in module.padding)


def even(module: nn.Module | None) -> bool:
    """Whether a pool gives a for planes of a, whatever a is: an average that divides by what it sums."""
    if isinstance(module, nn.AvgPool2d):
        both = (module.padding,) if isinstance(module.padding, int) else module.padding
        return module.divisor_override is None and (not any(both) or not module.count_include_pad)
    return isinstance(module, nn.AdaptiveAvgPool2d)
