"""How well the norms of a trained network are: batch statistics against running ones, and channels that never vary.

A batch norm is trained with the statistics of its batches and judged with running averages of them. Where batches are
small, or weights move fast, the two differ, and a network is worse than what it has learned. Running statistics that
are estimated again from the final weights tell how much of an arm's accuracy is lost that way.

Source: Y. Wu and J. Johnson, Rethinking "Batch" in BatchNorm, arXiv 2105.07576, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from normlab.conversion import recalibrate
from normlab.data.preprocess import Standardize
from normlab.data.split import Split
from normlab.models.vital import spread
from normlab.records import Checkup

TRAINED, JUDGED = 500, 1000
"""Images that are looked at: so few because every run is."""
LEAST = 16
"""Images that pass at a time in evaluation, where a run's batches are smaller."""

Statistics = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


@torch.no_grad()
def check_up(model: nn.Module, images: Split, batch_size: int, right: NDArray[np.bool_]) -> Checkup:
    """See how well a trained network's norms are; its running statistics are others afterwards.

    Args:
        model: in evaluation, with its final weights.
        images: as the run had them.
        batch_size: the run's own; a last batch of another size is left out.
        right: which judged images the run got right in the end, (images,).
    """
    train, truth = _some(images.train_images, images.train_labels, TRAINED, images)
    parts = spread(model, train).values()
    vital = sum(part.parts for part in parts), sum(part.idle for part in parts)
    if not _statistics(model):
        return Checkup(0, 0, 0, 0, 0, 0, 0.0, "", *vital)
    size = min(batch_size, len(train))
    whole = len(train) // size * size
    train, truth = train[:whole], truth[:whole]
    running = _right(_scores(model, train, max(size, LEAST)), truth)
    before = _statistics(model)
    in_batches = _recalibrated(model, torch.split(train, size))
    drift, where = _drift(before, _statistics(model))
    judged, labels = _some(images.judged_images, images.judged_labels, JUDGED, images)
    again = _right(_scores(model, judged, max(size, LEAST)), labels)
    was = int(right[_spread(len(right), JUDGED)].sum())
    return Checkup(whole, running, _right(in_batches, truth), len(labels), was, again, drift, where, *vital)


def _some(
    pixels: NDArray[np.uint8], labels: NDArray[np.int64], count: int, images: Split
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images from everywhere among them as a network sees them, and their labels."""
    chosen = _spread(len(labels), count)
    seen = Standardize(images.mean, images.std, torch.device("cpu"))(
        torch.from_numpy(pixels[chosen].astype(np.float32))
    )
    return seen, torch.from_numpy(labels[chosen])


def _spread(images: int, count: int) -> NDArray[np.int64]:
    return np.linspace(0, images - 1, min(count, images)).astype(np.int64)


def _scores(model: nn.Module, images: torch.Tensor, size: int) -> torch.Tensor:
    return torch.cat([model(part) for part in torch.split(images, size)])


def _right(scores: torch.Tensor, labels: torch.Tensor) -> int:
    return int((scores.argmax(1) == labels).sum())


def _recalibrated(model: nn.Module, batches: Sequence[torch.Tensor]) -> torch.Tensor:
    """The scores that a network gives with the statistics of its batches, which become its running ones."""
    scores: list[torch.Tensor] = []
    hook = model.register_forward_hook(lambda _model, _given, result: scores.append(result))
    try:
        recalibrate(model, batches)
    finally:
        hook.remove()
    return torch.cat(scores)


def _statistics(model: nn.Module) -> Statistics:
    """Running means and variances, copied, by the paths of their norms."""
    return {
        path: (norm.running_mean.clone(), norm.running_var.clone())
        for path, norm in model.named_modules()
        if isinstance(norm, _BatchNorm) and norm.running_mean is not None and norm.running_var is not None
    }


def _drift(before: Statistics, after: Statistics) -> tuple[float, str]:
    """How far the means have moved, in standard deviations, in the layer where that is most."""
    moved = {
        path: float(((mean - before[path][0]).abs() / (variance + 1e-5).sqrt()).mean())
        for path, (mean, variance) in after.items()
    }
    where = max(moved, key=lambda path: moved[path])
    return moved[where], where
