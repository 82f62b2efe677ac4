"""Any penalty in your own PyTorch loop: the same five lines serve every kind.

    python examples/sparse_loop.py prox 3e-3

A small network learns MNIST for one epoch on 10,000 images; told are how many weights are exactly zero and how many
test images it gets right. Try subgrad (no zeros), prox, spred, group, gamma, l2, elastic.
"""

from __future__ import annotations

import sys

import torch
from torch import nn
from torch.nn import functional as F

import normlab


def network() -> nn.Module:
    """Two convolutions with batch norm, for images (N, 1, 28, 28)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, stride=2), nn.BatchNorm2d(16), nn.ReLU()),
        *(nn.Conv2d(16, 32, 5, stride=2), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(512, 10)),
    )


def pixels(images: torch.Tensor) -> torch.Tensor:
    """From bytes to the scale of a standard normal."""
    return (images.float() / 255 - 0.1307) / 0.3081


def main(kind: str = "prox", lam: float = 3e-3, images: int = 10_000) -> tuple[float, float]:
    """Train with a penalty; gives the share of exact zeros and of test images that are right, in percent."""
    torch.manual_seed(0)
    data = normlab.load("mnist")
    x, y = pixels(torch.tensor(data.train_images[:images])), torch.tensor(data.train_labels[:images])
    model = network()
    penalty = normlab.penalty(kind, lam).attach(model)  # before the optimizer: spred changes the parameters
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for batch in torch.randperm(len(x)).split(100):
        loss = F.cross_entropy(model(x[batch]), y[batch]) + penalty.loss(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        penalty.step(optimizer)
    penalty.collapse(model)
    return zeros(model), accuracy(model, data)


def zeros(model: nn.Module) -> float:
    """Percent of the weights of convolutions and linear layers that are exactly zero."""
    weights = torch.cat([m.weight.flatten() for m in model if isinstance(m, nn.Conv2d | nn.Linear)])
    return 100 * float((weights == 0).float().mean())


@torch.no_grad()
def accuracy(model: nn.Module, data: normlab.Dataset) -> float:
    """Percent of the test images that are right."""
    found = model.eval()(pixels(torch.tensor(data.test_images))).argmax(1)
    return 100 * float((found == torch.tensor(data.test_labels)).float().mean())


if __name__ == "__main__":
    chosen = (sys.argv[1], float(sys.argv[2])) if len(sys.argv) > 2 else ("prox", 3e-3)
    share, right = main(*chosen)
    print(f"{chosen[0]} {chosen[1]:g}: {share:.1f}% of the weights exactly zero, {right:.2f}% of test images right")
