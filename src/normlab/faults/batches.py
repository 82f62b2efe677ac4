"""Faults of batch sizes: batch norm over few images, and a learning rate that stays where the batch changes."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.faults.finding import Finding, warning
from normlab.faults.subject import Pixels, Subject
from normlab.norms.names import read
from normlab.spec import Recipe

OF_BATCH = ("bn", "gbn", "brn")
"""Norms that take statistics over images."""
FEW = 8
"""Images below which batch norm's error rises steeply (Wu and He, Group Normalization, ECCV 2018, figure 1)."""


def few_images(subject: Subject) -> Iterator[Finding]:
    """Batch norm over a handful of images."""
    arms = subject.study.arms if subject.study else ()
    found = [arm.name for arm in arms if read(arm.recipe.norm).kind == "bn" and arm.recipe.batch_size < FEW]
    if found and len({arm.recipe.batch_size for arm in arms}) == 1:  # else that is what the study asks
        yield warning(
            "few-images",
            ", ".join(found),
            f"batch norm has statistics of fewer than {FEW} images",
            "they are noisy, and the running averages that judge are of something else than what was trained",
            "take larger batches, or a norm of single images",
        )


def batch_of_all(subject: Subject) -> Iterator[Finding]:
    """Fewer training images than a batch has."""
    study, images = subject.study, subject.train
    arms = study.arms if study else ()
    found = [arm for arm in arms if (_images(arm.recipe, images) or arm.recipe.batch_size) < arm.recipe.batch_size]
    if found:
        yield warning(
            "batch-of-all",
            ", ".join(arm.name for arm in found),
            f"{_images(found[0].recipe, images):,} training images are less than a batch of "
            f"{found[0].recipe.batch_size:,}",
            "an epoch is one step of all images, which no recipe for batches was made for",
            "take smaller batches, or more images",
        )


def last_image_alone(subject: Subject) -> Iterator[Finding]:
    """An epoch's last batch with one image, whose statistics a batch norm takes like any other's."""
    study, images = subject.study, subject.train
    if study is None or images is None:
        return
    found = [arm.name for arm in study.arms if _leaves_one(len(images), arm.recipe)]
    if found:
        yield warning(
            "last-image-alone",
            ", ".join(found),
            f"of {len(images):,} training images one is left for the last batch",
            "batch norm takes the statistics of that image, and they count as a whole batch's in the running averages",
            "take another batch size, or another number of training images",
        )


def fixed_rate(subject: Subject) -> Iterator[Finding]:
    """Batch sizes compared at one learning rate."""
    study = subject.study
    if study is None or "batch_size" not in study.factors:
        return
    rates = {arm.recipe.optimizer.lr for arm in study.arms}
    if len(rates) == 1:
        yield warning(
            "fixed-rate",
            "optimizer.lr",
            f"batch sizes are compared at one learning rate, {rates.pop():g}",
            "a smaller batch takes more and noisier steps of the same length, so two things differ",
            'let it follow: optimizer.lr = {base = 0.1, per = "batch_size", at = 128}',
        )


def _images(recipe: Recipe, images: Pixels | None) -> int:
    """How many are trained on; 0 where nobody says."""
    return recipe.train_images if images is None else len(images)


def _leaves_one(images: int, recipe: Recipe) -> bool:
    of_batch = read(recipe.norm).kind in OF_BATCH
    return of_batch and recipe.batch_size > 1 and images % recipe.batch_size == 1
