"""LeNet-5 as it is taught today: 61,706 parameters and those of two norms (44) for 1 × 28×28 and ten classes.

| step                                      | output     |
|-------------------------------------------|------------|
| conv5x5 1→6, padding 2, norm, ReLU        | 6 × 28×28  |
| maxpool 2                                 | 6 × 14×14  |
| conv5x5 6→16, norm, ReLU                  | 16 × 10×10 |
| maxpool 2, flatten                        | 400        |
| linear 400→120, ReLU, dropout             | 120        |
| linear 120→84, ReLU, dropout              | 84         |
| linear 84→10                              | 10         |

The original has sigmoids for ReLU, learned averages for maxima, no norm, and its second convolution sees a part of the
six channels only. For other images the first linear layer takes what is there.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition,
Proceedings of the IEEE 86, 1998.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape, behind, check_size
from normlab.norms import NormFactory, Slot


def lenet5(norm: NormFactory, dropout: float = 0.0, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W) of at least 12×12, giving logits (N, classes); raises `NetworkError`."""
    check_size("lenet5", shape, 12)
    one = shape[1:]
    two = behind(behind(one, 2, stride=2), 5)
    height, width = behind(two, 2, stride=2)

    def convolution(i: int, inputs: int, slot: Slot) -> list[tuple[str, nn.Module]]:
        return [
            (f"conv{i}", nn.Conv2d(inputs, slot.channels, 5, padding=2 if i == 1 else 0)),
            (slot.name, norm(slot)),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"pool{i}", nn.MaxPool2d(2)),
        ]

    def hidden(i: int, inputs: int, outputs: int) -> list[tuple[str, nn.Module]]:
        return [
            (f"linear{i}", nn.Linear(inputs, outputs)),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"drop{i}", nn.Dropout(dropout)),
        ]

    layers: list[tuple[str, nn.Module]] = [
        *convolution(1, shape[0], Slot("norm1", 6, one, groups=2)),
        *convolution(2, 6, Slot("norm2", 16, two, groups=4)),
        ("flat", nn.Flatten()),
        *hidden(3, 16 * height * width, 120),
        *hidden(4, 120, 84),
        ("classes", nn.Linear(84, classes)),
    ]
    return nn.Sequential(OrderedDict(layers))
