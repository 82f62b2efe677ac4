"""Our small network: 7,394 parameters with any norm that has one γ and β per channel.

| step                                      | output    |
|-------------------------------------------|-----------|
| conv3x3 1→8, maxpool 2, ReLU, norm        | 8 × 13×13 |
| conv3x3 8→16, ReLU, norm                  | 16 × 11×11|
| conv3x3 16→16, ReLU, norm, maxpool 2      | 16 × 5×5  |
| conv3x3 16→16, ReLU, norm                 | 16 × 3×3  |
| conv3x3 16→10 padded, global average      | 10        |

Channels are multiples of 8, for vector units and for 2, 4 or 8 groups. The first maximum is taken before ReLU, which
is the same function on a quarter of the values. No norm stands right before the global average: a norm that sets the
mean of each group over all positions would leave nothing of it to average (instance norm everything, group norm one
value a group), so such a network would put them at a disadvantage by construction. docs/tuning.md has the figures.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.norms import NormFactory, Slot


def lean(norm: NormFactory, dropout: float = 0.0) -> nn.Module:
    """The network for images (N, 1, 28, 28), giving logits (N, 10)."""

    def block(i: int, inputs: int, outputs: int, size: int, first: bool = False) -> list[tuple[str, nn.Module]]:
        pool = [(f"pool{i}", nn.MaxPool2d(2))] if first else []
        return [
            (f"conv{i}", nn.Conv2d(inputs, outputs, 3, bias=False)),
            *pool,
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"norm{i}", norm(Slot(f"norm{i}", outputs, (size, size), groups=4))),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *block(1, 1, 8, size=13, first=True),
        *block(2, 8, 16, size=11),
        *block(3, 16, 16, size=9),
        ("pool3", nn.MaxPool2d(2, ceil_mode=True)),
        *block(4, 16, 16, size=3),
        ("classes", nn.Conv2d(16, 10, 3, padding=1)),
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict(layers))
