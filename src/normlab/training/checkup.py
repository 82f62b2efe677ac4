"""How well the norms of a trained network are: batch statistics against running ones, and channels that never vary.

A batch norm is trained with the statistics of its batches and judged with running averages of them. Where batches are
small, weights move fast, or augmented images are unlike those that are judged, the two differ, and a network is worse
than what it has learned. Running statistics that are estimated again from the final weights, on batches as the run had
them, tell how much of an arm's accuracy is lost that way.

Source: Y. Wu and J. Johnson, Rethinking "Batch" in BatchNorm, arXiv 2105.07576, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from normlab import seeds
from normlab.conversion import recalibrate
from normlab.data.batches import Batch, Batches, judged_at_once
from normlab.data.resident import Resident
from normlab.data.split import Split
from normlab.models.vital import spread
from normlab.records import Checkup, Job

TRAINED, JUDGED = 500, 1000
"""Images that are looked at: so few because every run is."""
PIXELS = 4_000_000
"""Of the training images together, at most, and twice as many of the judged ones: fewer images where they are large."""
LEAST = 16
"""Judged images that pass at a time where a run's batches are smaller."""
CPU = torch.device("cpu")

Statistics = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


@torch.no_grad()
def check_up(model: nn.Module, images: Split, job: Job, right: NDArray[np.bool_]) -> Checkup:
    """See how well a trained network's norms are; its running statistics are others afterwards.

    Args:
        model: on the CPU, in evaluation, with its final weights.
        images: as the run had them.
        job: what was run; its batches are made again, augmented, of an epoch behind its last one.
        right: which judged images the run got right in the end, (images,).
    """
    train, batches = Resident(images.train_images, images.mean, images.std, CPU), _batches(images, job)
    seen = [train.batch(batch) for batch in batches]
    labels = torch.from_numpy(np.concatenate([batch.labels for batch in batches]))
    with _scores(model) as running:
        parts = spread(model, seen).values()
    vital = sum(part.parts for part in parts), sum(part.idle for part in parts)
    before = _statistics(model)
    if not before:
        return Checkup(0, 0, 0, 0, 0, 0, 0.0, "", *vital)
    with _scores(model) as in_batches:
        recalibrate(model, seen)
    chosen = _some(images, job)
    truth = torch.from_numpy(images.judged_labels[chosen])
    again = _judged(model, images, chosen, job.recipe.batch_size)
    return Checkup(
        *(len(labels), _right(running, labels), _right(in_batches, labels)),
        *(len(chosen), int(right[chosen].sum()), _right(again, truth)),
        *_drift(before, _statistics(model)),
        *vital,
    )


def _batches(images: Split, job: Job) -> Sequence[Batch]:
    """Enough whole batches of the run's own, and one at least."""
    wanted, found = _count(images.train_images, TRAINED, PIXELS), list[Batch]()
    for batch in Batches(images, job.recipe, job.root).epoch(job.replicate, job.recipe.epochs + 1):
        if found and len(batch.labels) < len(found[0].labels):
            break  # the last batch, which is no whole one
        found.append(batch)
        if sum(len(each.labels) for each in found) >= wanted:
            break
    return found


def _some(images: Split, job: Job) -> NDArray[np.int64]:
    """Judged images, drawn by the study's root, so that every run is looked at on the same ones."""
    count = _count(images.judged_images, JUDGED, 2 * PIXELS)
    order = seeds.generator(job.root, "checkup", 0).permutation(len(images.judged_labels))
    return np.sort(order[:count])


def _count(images: NDArray[np.uint8], most: int, pixels: int) -> int:
    return min(len(images), most, max(LEAST, pixels // int(np.prod(images.shape[2:]))))


def _judged(model: nn.Module, images: Split, chosen: NDArray[np.int64], batch_size: int) -> list[torch.Tensor]:
    size = min(max(batch_size, LEAST), judged_at_once(images.judged_images))
    parts = np.split(chosen, range(size, len(chosen), size))
    seen = (Resident(images.judged_images[part], images.mean, images.std, CPU).in_order() for part in parts)
    return [model(some) for part in seen for some in part]


def _right(scores: Sequence[torch.Tensor], labels: torch.Tensor) -> int:
    return int((torch.cat([*scores]).argmax(1) == labels).sum())


@contextmanager
def _scores(model: nn.Module) -> Iterator[list[torch.Tensor]]:
    """What a network gives within it, a part for each time that it is called."""
    scores: list[torch.Tensor] = []
    hook = model.register_forward_hook(lambda _model, _given, result: scores.append(result))
    try:
        yield scores
    finally:
        hook.remove()


def _statistics(model: nn.Module) -> Statistics:
    """Running means and variances, copied, by the paths of their norms."""
    return {path: (mean.clone(), variance.clone()) for path, mean, variance in _running(model)}


def _running(model: nn.Module) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    for path, norm in model.named_modules():
        if isinstance(norm, _BatchNorm) and norm.running_mean is not None and norm.running_var is not None:
            yield path, norm.running_mean, norm.running_var


def _drift(before: Statistics, after: Statistics) -> tuple[float, str]:
    """How far the means have moved, in standard deviations, in the layer where that is most."""
    moved = {
        path: float(((mean - before[path][0]).abs() / (variance + 1e-5).sqrt()).mean())
        for path, (mean, variance) in after.items()
    }
    where = max(moved, key=lambda path: moved[path])
    return moved[where], where
