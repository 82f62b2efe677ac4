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

No convolution has a bias. The log-softmax is part of the loss here, which is the same function.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.norms import NormFactory, Slot


def course(norm: NormFactory, dropout: float = 0.05) -> nn.Module:
    """The network for images (N, 1, 28, 28), giving logits (N, 10)."""

    def block(i: int, inputs: int, outputs: int, size: int, groups: int) -> list[tuple[str, nn.Module]]:
        return [
            (f"conv{i}", nn.Conv2d(inputs, outputs, 3, bias=False)),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"norm{i}", norm(Slot(f"norm{i}", outputs, (size, size), groups))),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *block(1, 1, 10, size=26, groups=2),
        *block(2, 10, 18, size=24, groups=3),
        ("narrow1", nn.Conv2d(18, 10, 1, bias=False)),
        ("pool", nn.MaxPool2d(2)),
        *block(3, 10, 16, size=10, groups=2),
        *block(4, 16, 20, size=8, groups=2),
        ("narrow2", nn.Conv2d(20, 10, 1, bias=False)),
        *block(5, 10, 32, size=6, groups=2),
        ("mean", nn.AvgPool2d(6)),
        ("classes", nn.Conv2d(32, 10, 1, bias=False)),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict(layers))
