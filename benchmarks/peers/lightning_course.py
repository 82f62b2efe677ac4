"""The course's network and recipe in Lightning: a Trainer on the CPU, its own DataLoader, torchvision-style transforms.

    pip install torch==2.13.0 lightning pillow numpy
    python benchmarks/peers/lightning_course.py FOLDER_WITH_MNIST_IDX [--norm bn] [--batches 120] [--workers 0]

Prints one line: images per second of one training epoch with its evaluation on the whole machine. FOLDER holds the
four plain IDX files, as `normlab data fetch mnist` leaves them.
"""

from __future__ import annotations

import argparse
import random
import time
import warnings
from pathlib import Path

import lightning
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

BATCH, LAMBDA = 128, 1e-4


class Digits(torch.utils.data.Dataset):
    """Per-image transforms, as the framework's examples have them."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, degrees: float) -> None:
        self.images, self.labels, self.degrees = images, labels, degrees

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.images[i])
        if self.degrees:
            image = image.rotate(random.uniform(-self.degrees, self.degrees))  # noqa: S311 - no secret
        return torch.from_numpy(np.array(image))[None].float().div(255).sub(0.1307).div(0.3081), int(self.labels[i])


def network(norm: str) -> nn.Sequential:
    """The course's network."""
    groups = {10: 2, 18: 3, 16: 2, 20: 2, 32: 2}
    make = {"bn": nn.BatchNorm2d, "ln": lambda c: nn.GroupNorm(1, c), "gn": lambda c: nn.GroupNorm(groups[c], c)}[norm]

    def block(i: int, o: int) -> list[nn.Module]:
        return [nn.Conv2d(i, o, 3, bias=False), nn.ReLU(), make(o), nn.Dropout(0.05)]

    def narrow(i: int, o: int) -> nn.Conv2d:
        return nn.Conv2d(i, o, 1, bias=False)

    layers = [*block(1, 10), *block(10, 18), narrow(18, 10), nn.MaxPool2d(2), *block(10, 16), *block(16, 20)]
    return nn.Sequential(*layers, narrow(20, 10), *block(10, 32), nn.AvgPool2d(6), narrow(32, 10), nn.Flatten())


class Course(lightning.LightningModule):
    """Loss with L1 over all parameters, SGD with momentum."""

    def __init__(self, norm: str) -> None:
        super().__init__()
        self.network = network(norm)

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], _number: int) -> torch.Tensor:
        """Data loss and penalty."""
        x, y = batch
        penalty = sum(p.abs().sum() for p in self.parameters())
        return F.cross_entropy(self.network(x), y) + LAMBDA * penalty

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], _number: int) -> None:
        """Accuracy."""
        x, y = batch
        self.log("accuracy", (self.network(x).argmax(1) == y).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """SGD with momentum."""
        return torch.optim.SGD(self.parameters(), lr=0.01, momentum=0.9)


def idx(path: Path, header: int, *shape: int) -> np.ndarray:
    """The values of an IDX file."""
    return np.frombuffer(path.read_bytes(), np.uint8, offset=header).reshape(-1, *shape)


def main() -> None:
    """Read the options, train one epoch, print its rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--norm", choices=("bn", "ln", "gn"), default="bn")
    parser.add_argument("--batches", type=int, default=120)
    parser.add_argument("--workers", type=int, default=0, help="processes of the DataLoader")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    count = options.batches * BATCH
    read = lambda name, *shape: idx(options.folder / name, 16 if shape else 8, *shape)  # noqa: E731 - read once
    train = Digits(read("train-images-idx3-ubyte", 28, 28)[:count], read("train-labels-idx1-ubyte")[:count], 7.0)
    judged = count // 6
    test = Digits(read("t10k-images-idx3-ubyte", 28, 28)[:judged], read("t10k-labels-idx1-ubyte")[:judged], 0.0)
    loaders = [DataLoader(d, BATCH, shuffle=d is train, num_workers=options.workers) for d in (train, test)]
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", num_sanity_val_steps=0, **quiet)
    start = time.perf_counter()
    trainer.fit(Course(options.norm), *loaders)
    print(f"lightning {lightning.__version__} {options.norm}: {count / (time.perf_counter() - start):,.0f} images/s")


if __name__ == "__main__":
    main()
