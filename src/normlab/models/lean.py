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
Other images than MNIST's have other planes; the last convolution always covers the whole of one. docs/tuning.md and
studies/lean have the figures.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape, behind, check_size
from normlab.norms import NormFactory, Slot


def lean(norm: NormFactory, dropout: float = 0.0, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W) of at least 20×20, giving logits (N, classes); raises `NetworkError`."""
    check_size("lean", shape, 20)
    one = behind(shape[1:], 3)
    two = behind(behind(one, 3), 2, stride=2)
    three = behind(two, 3)
    four = behind(three, 3)
    five = behind(four, 3)

    def block(
        i: int, inputs: int, outputs: int, size: tuple[int, int], halved: bool = False
    ) -> list[tuple[str, nn.Module]]:
        return [
            (f"conv{i}", nn.Conv2d(inputs, outputs, 3, bias=False)),
            *([(f"pool{i}", nn.MaxPool2d(2))] if halved else []),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"norm{i}", norm(Slot(f"norm{i}", outputs, size, groups=4))),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *block(1, shape[0], 8, one),
        *block(2, 8, 8, two, halved=True),
        *block(3, 8, 16, three),
        *block(4, 16, 16, four),
        *block(5, 16, 16, five),
        ("pool5", nn.MaxPool2d(2)),
        ("classes", nn.Conv2d(16, classes, behind(five, 2, stride=2))),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict(layers))
