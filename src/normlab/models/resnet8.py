"""ResNet-8, the image classifier of MLPerf Tiny: 77,850 parameters for 3 × 32×32 and ten classes.

One block a stage, see `residual`; two of them have a projection, without a norm as in the benchmark. The benchmark
counts 78,666: it has biases in its convolutions (336), which a norm behind them takes away again, and counts running
statistics (480).

Source: C. Banbury et al., MLPerf Tiny Benchmark, NeurIPS Datasets and Benchmarks 2021, arXiv 2106.07597.
"""

from __future__ import annotations

from torch import nn

from normlab.models.images import CLASSES, MNIST, Shape
from normlab.models.residual import residual
from normlab.norms import NormFactory


def resnet8(norm: NormFactory, dropout: float = 0.0, shape: Shape = MNIST, classes: int = CLASSES) -> nn.Module:
    """The network for images (N, C, H, W), giving logits (N, classes)."""
    return residual(norm, 1, normed=False, dropout=dropout, shape=shape, classes=classes)
