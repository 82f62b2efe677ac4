"""Ours for small colour images: 47,178 parameters for 3 × 32×32 and ten classes, with one γ and β per channel.

| step                                          | output     |
|-----------------------------------------------|------------|
| conv3x3 3→32, ReLU, norm                      | 32 × 32×32 |
| depthwise 3x3, 1x1 32→32, ReLU, norm          | 32 × 32×32 |
| conv3x3 stride 2 32→32, ReLU, norm            | 32 × 16×16 |
| depthwise 3x3, 1x1 32→64, ReLU, norm          | 64 × 16×16 |
| depthwise 3x3 dilated by 2, 1x1, ReLU, norm   | 64 × 16×16 |
| depthwise 3x3 stride 2, 1x1 64→96, ReLU, norm | 96 × 8×8   |
| depthwise 3x3, 1x1 96→96, ReLU, norm          | 96 × 8×8   |
| depthwise 3x3 dilated by 2, 1x1 96→96, ReLU   | 96 × 8×8   |
| mean over positions, dropout, linear 96→10    | 10         |

It stays under 50,000 parameters without a pool before the mean: strides make planes smaller, dilated windows see
further. No norm stands right before the mean over positions, which would leave nothing of what instance norm gives.
Convolutions have no bias but the last. It was laid out by its count; `studies/s8` compares norms in it.

Source: A. Howard et al., MobileNets, arXiv 1704.04861 (depthwise separable convolutions); F. Yu and V. Koltun,
Multi-Scale Context Aggregation by Dilated Convolutions, ICLR 2016, arXiv 1511.07122.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape, behind
from normlab.norms import NormFactory, Slot

Layers = list[tuple[str, nn.Module]]


def s8(norm: NormFactory, dropout: float = 0.0, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W), giving logits (N, classes)."""
    whole = shape[1:]
    half = behind(whole, 3, stride=2, padding=1)
    quarter = behind(half, 3, stride=2, padding=1)

    def normed(i: int, channels: int, size: tuple[int, int]) -> Layers:
        return [(f"relu{i}", nn.ReLU(inplace=True)), (f"norm{i}", norm(Slot(f"norm{i}", channels, size, groups=8)))]

    layers: Layers = [
        ("conv1", _window(shape[0], 32)),
        *normed(1, 32, whole),
        *_separable(2, 32, 32),
        *normed(2, 32, whole),
        ("conv3", _window(32, 32, stride=2)),
        *normed(3, 32, half),
        *_separable(4, 32, 64),
        *normed(4, 64, half),
        *_separable(5, 64, 64, dilation=2),
        *normed(5, 64, half),
        *_separable(6, 64, 96, stride=2),
        *normed(6, 96, quarter),
        *_separable(7, 96, 96),
        *normed(7, 96, quarter),
        *_separable(8, 96, 96, dilation=2, bias=True),
        ("relu8", nn.ReLU(inplace=True)),
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flat", nn.Flatten()),
        ("drop", nn.Dropout(dropout)),
        ("classes", nn.Linear(96, classes)),
    ]
    return nn.Sequential(OrderedDict(layers))


def _separable(i: int, inputs: int, outputs: int, *, stride: int = 1, dilation: int = 1, bias: bool = False) -> Layers:
    """A window for each channel by itself, then channels mixed at each position."""
    alone = _window(inputs, inputs, stride=stride, dilation=dilation, groups=inputs)
    return [(f"deep{i}", alone), (f"mix{i}", nn.Conv2d(inputs, outputs, 1, bias=bias))]


def _window(inputs: int, outputs: int, *, stride: int = 1, dilation: int = 1, groups: int = 1) -> nn.Conv2d:
    """3×3 that keeps a plane's size, or halves it rounding up."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, groups=groups, bias=False)
