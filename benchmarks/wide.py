"""Networks that are wider than normlab's own, as models of `engines.py`, each with batch norm of its own."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


def vgg(classes: int, channels: int) -> nn.Module:
    """Six convolutions of 32 to 256 channels in three stages, in the manner of VGG: 1,147,914 parameters."""
    layers: list[nn.Module] = []
    for width in (64, 128, 256):
        layers += [*_conv(channels, width), *_conv(width, width), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes))


def resnet9(classes: int, channels: int) -> nn.Module:
    """D. Page's network of DAWNBench for CIFAR-10: 6.6 million parameters."""
    return nn.Sequential(
        *_conv(channels, 64),
        *_conv(64, 128),
        nn.MaxPool2d(2),
        _Added(nn.Sequential(*_conv(128, 128), *_conv(128, 128))),
        *_conv(128, 256),
        nn.MaxPool2d(2),
        *_conv(256, 512),
        nn.MaxPool2d(2),
        _Added(nn.Sequential(*_conv(512, 512), *_conv(512, 512))),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(512, classes),
    )


def wrn(classes: int, channels: int) -> nn.Module:
    """WRN-16-4 (S. Zagoruyko and N. Komodakis, BMVC 2016): 2.7 million parameters."""
    layers: list[nn.Module] = [nn.Conv2d(channels, 16, 3, padding=1, bias=False)]
    inputs = 16
    for stage, width in enumerate((64, 128, 256)):
        for block in range(2):
            layers.append(_Before(inputs, width, 2 if stage and not block else 1))
            inputs = width
    head = [nn.BatchNorm2d(256), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes)]
    return nn.Sequential(*layers, *head)


def resnet18(classes: int, channels: int) -> nn.Module:
    """ResNet-18 with a stem of 3×3 for small images: 11.2 million parameters."""
    layers: list[nn.Module] = [*_conv(channels, 64)]
    inputs = 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            layers.append(_Behind(inputs, width, 2 if stage and not block else 1))
            inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


def _conv(inputs: int, outputs: int, stride: int = 1) -> Iterable[nn.Module]:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


class _Added(nn.Module):
    """x + f(x)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inner(x)


class _Behind(nn.Module):
    """He's block: norms behind convolutions."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        *first, _ = _conv(outputs, outputs)
        self.inner = nn.Sequential(*_conv(inputs, outputs, stride), *first)
        projection = [nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*(projection if inputs != outputs or stride > 1 else []))
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.relu(self.inner(x) + self.shortcut(x))
        return y


class _Before(nn.Module):
    """The block of wide residual networks: norms before convolutions, and before the projection too."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm, self.relu = nn.BatchNorm2d(inputs), nn.ReLU()
        first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.inner = nn.Sequential(first, nn.BatchNorm2d(outputs), nn.ReLU(), second)
        changes = inputs != outputs or stride > 1
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if changes else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.norm(x))
        z: torch.Tensor = self.inner(y) + (x if self.shortcut is None else self.shortcut(y))
        return z
