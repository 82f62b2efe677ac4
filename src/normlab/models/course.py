"""The course's network, exactly: 9,802 parameters with any of the course's three norms.

| step                                          | output     |
|-----------------------------------------------|------------|
| conv3x3 1→10, ReLU, norm, dropout             | 10 × 26×26 |
| conv3x3 10→18, ReLU, norm, dropout            | 18 × 24×24 |
| conv1x1 18→10, maxpool 2                      | 10 × 12×12 |
| conv3x3 10→16, ReLU, norm, dropout            | 16 × 10×10 |
| conv3x3 16→20, ReLU, norm, dropout            | 20 × 8×8   |
| conv1x1 20→10                                 | 10 × 8×8   |
| conv3x3 10→32, ReLU, norm, dropout            | 32 × 6×6   |
| average pool 6, conv1x1 32→10                 | 10         |

No convolution has a bias. The log-softmax is part of the loss here, which is the same function. Other images than
MNIST's have other planes, and the average is over all of the last one.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape, behind, check_size
from normlab.norms import NormFactory, Slot


def course(norm: NormFactory, dropout: float = 0.05, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W) of at least 18×18, giving logits (N, classes); raises `NetworkError`."""
    check_size("course", shape, 18)
    one = behind(shape[1:], 3)
    two = behind(one, 3)
    three = behind(behind(two, 2, stride=2), 3)
    four = behind(three, 3)
    five = behind(four, 3)

    def block(i: int, inputs: int, outputs: int, size: tuple[int, int], groups: int) -> list[tuple[str, nn.Module]]:
        return [
            (f"conv{i}", nn.Conv2d(inputs, outputs, 3, bias=False)),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"norm{i}", norm(Slot(f"norm{i}", outputs, size, groups))),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *block(1, shape[0], 10, one, groups=2),
        *block(2, 10, 18, two, groups=3),
        ("narrow1", nn.Conv2d(18, 10, 1, bias=False)),
        ("pool", nn.MaxPool2d(2)),
        *block(3, 10, 16, three, groups=2),
        *block(4, 16, 20, four, groups=2),
        ("narrow2", nn.Conv2d(20, 10, 1, bias=False)),
        *block(5, 10, 32, five, groups=2),
        ("mean", nn.AvgPool2d(five)),
        ("classes", nn.Conv2d(32, classes, 1, bias=False)),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict(layers))
