"""Our small network: 7,986 parameters with any norm that has one γ and β per channel.

| step                                      | output    |
|-------------------------------------------|-----------|
| conv3x3 1→8, ReLU, norm                   | 8 × 26×26 |
| conv3x3 8→8, maxpool 2, ReLU, norm        | 8 × 12×12 |
| conv3x3 8→16, ReLU, norm                  | 16 × 10×10|
| conv3x3 16→16, ReLU, norm                 | 16 × 8×8  |
| conv3x3 16→16, ReLU, norm, maxpool 2      | 16 × 3×3  |
| conv3x3 16→10                             | 10        |

Channels are multiples of 8, for vector units and for 2, 4 or 8 groups. The first maximum is taken before ReLU, which
is the same function on a quarter of the values. The classes see all nine positions of the last plane, and no average
over positions stands behind a norm: a norm that sets the mean of each group over all positions would leave little of it
to average (instance norm nothing), so such a network would put them at a disadvantage by construction.
docs/tuning.md and studies/lean have the figures.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.norms import NormFactory, Slot


def lean(norm: NormFactory, dropout: float = 0.0) -> nn.Module:
    """The network for images (N, 1, 28, 28), giving logits (N, 10)."""

    def block(i: int, inputs: int, outputs: int, size: int, halved: bool = False) -> list[tuple[str, nn.Module]]:
        return [
            (f"conv{i}", nn.Conv2d(inputs, outputs, 3, bias=False)),
            *([(f"pool{i}", nn.MaxPool2d(2))] if halved else []),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"norm{i}", norm(Slot(f"norm{i}", outputs, (size, size), groups=4))),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *block(1, 1, 8, size=26),
        *block(2, 8, 8, size=12, halved=True),
        *block(3, 8, 16, size=10),
        *block(4, 16, 16, size=8),
        *block(5, 16, 16, size=6),
        ("pool5", nn.MaxPool2d(2)),
        ("classes", nn.Conv2d(16, 10, 3)),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict(layers))
