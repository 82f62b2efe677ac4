"""Residual networks for small images: y = ReLU(F(x) + S(x)), the form that He et al. gave them for CIFAR-10.

| step                                        | output                    |
|---------------------------------------------|---------------------------|
| conv3x3 C→16, norm, ReLU                    | 16 × H×W                  |
| stage 1: n blocks of 16 channels            | 16 × H×W                  |
| stage 2: n blocks of 32, the first stride 2 | 32 × ⌈H/2⌉×⌈W/2⌉          |
| stage 3: n blocks of 64, the first stride 2 | 64 × ⌈H/4⌉×⌈W/4⌉          |
| mean over positions, dropout, linear        | classes                   |

F of a block is conv3x3, norm, ReLU, conv3x3, norm. S is the identity, and where channels and size change a projection
(the paper's option B), conv1x1 with the block's stride: its option A, zeros in the new channels, has no parameters, but
is no layer either. No convolution has a bias. Weights are drawn as the paper's, from N(0, 2 / (outputs · kernel)).

Source: K. He, X. Zhang, S. Ren and J. Sun, Deep Residual Learning for Image Recognition, CVPR 2016, arXiv 1512.03385.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from normlab.models.images import Shape, behind
from normlab.norms import NormFactory, Slot

Size = tuple[int, int]
GROUPS = 8
"""Of plain `gn`: 2, 4 and 8 channels each in the three stages."""


class Block(nn.Module):
    """Two convolutions beside a shortcut; (N, inputs, H, W) to (N, outputs, ⌈H/stride⌉, ⌈W/stride⌉)."""

    def __init__(self, norm: NormFactory, name: str, widths: tuple[int, int], size: Size, *, normed: bool) -> None:
        super().__init__()
        inputs, outputs = widths
        stride = 1 if inputs == outputs else 2

        def slot(called: str) -> nn.Module:
            return norm(Slot(f"{name}.{called}", outputs, size, GROUPS))

        self.conv1, self.norm1 = _conv(inputs, outputs, stride), slot("norm1")
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2, self.norm2 = _conv(outputs, outputs), slot("norm2")
        self.shortcut = nn.Sequential()  # an `Identity` is the norm `none`
        if stride > 1:
            projection = OrderedDict[str, nn.Module](conv=nn.Conv2d(inputs, outputs, 1, stride, bias=False))
            self.shortcut = nn.Sequential(projection | ({"norm": slot("shortcut.norm")} if normed else {}))
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the block adds to its shortcut, and the last ReLU."""
        y = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        y = y + self.shortcut(x)
        return self.relu2(y)  # type: ignore[no-any-return]


def residual(norm: NormFactory, blocks: int, *, normed: bool, dropout: float, shape: Shape, classes: int) -> nn.Module:
    """The network with `blocks` in each of three stages; `normed` says whether projections have a norm behind them."""
    channels, *size = shape
    plane = behind((size[0], size[1]), 3, padding=1)
    layers: list[tuple[str, nn.Module]] = [
        ("conv", _conv(channels, 16)),
        ("norm", norm(Slot("norm", 16, plane, GROUPS))),
        ("relu", nn.ReLU(inplace=True)),
    ]
    width = 16
    for stage, wider in enumerate((16, 32, 64), start=1):
        for i in range(blocks):
            plane = behind(plane, 3, 1 if width == wider else 2, padding=1)
            name = f"stage{stage}_block{i + 1}"
            layers.append((name, Block(norm, name, (width, wider), plane, normed=normed)))
            width = wider
    head = [("mean", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten()), ("drop", nn.Dropout(dropout))]
    return nn.Sequential(OrderedDict([*layers, *head, ("classes", nn.Linear(64, classes))]))


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    made = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    nn.init.kaiming_normal_(made.weight, mode="fan_out", nonlinearity="relu")
    return made
