"""ResNet-20 for CIFAR-10: 272,474 parameters for 3 × 32×32 and ten classes.

Three blocks a stage, see `residual`; the two projections have a norm behind them. The paper's own has 269,722, with
shortcuts that have no parameters.

Source: K. He, X. Zhang, S. Ren and J. Sun, Deep Residual Learning for Image Recognition, CVPR 2016, arXiv 1512.03385.
"""

from __future__ import annotations

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape
from normlab.models.residual import residual
from normlab.norms import NormFactory


def resnet20(norm: NormFactory, dropout: float = 0.0, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W), giving logits (N, classes)."""
    return residual(norm, 3, normed=True, dropout=dropout, shape=shape, classes=classes)
