"""Faults of the images: what is judged by, and what augmentation makes of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from normlab.data.alike import alike
from normlab.data.catalog import CATALOG
from normlab.data.twins import in_both
from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Pixels, Subject

MANY = 0.01
"""Share of judged images in the training set, or nearly so, from which on it is no accident."""
TRIED = 32
"""Background images that augmentation is tried on."""


def overlap(subject: Subject) -> Iterator[Finding]:
    """Judged images that are trained on, by their pixels."""
    if subject.train is None or subject.judged is None:
        return
    twice = in_both(subject.judged, subject.train) if subject.in_both is None else subject.in_both
    if not twice:
        return
    make = error if twice > MANY * len(subject.judged) else warning
    yield make(
        "train-test-overlap",
        "data",
        f"{twice:,} of {len(subject.judged):,} judged images are training images",
        "accuracy on images that were learned by heart says nothing of others",
        "judge by images that are kept out of training",
    )


def near_duplicates(subject: Subject) -> Iterator[Finding]:
    """Judged images that are nearly a training image, or nearly one another; exact ones are `overlap`'s."""
    if subject.train is None or subject.judged is None:
        return
    found = subject.alike or alike(subject.train, subject.judged)
    if found.across > MANY * len(subject.judged):
        yield warning(
            "near-duplicates",
            "data",
            f"{found.across:,} of the judged images are nearly training images",
            "noise, brightness and files saved anew do not make another picture: what was learned by heart is judged",
            "leave them out of the training images (Barz and Denzler, arXiv 1902.00423, did so for CIFAR)",
        )
    if found.within > MANY * len(subject.judged):
        yield warning(
            "near-duplicates",
            "data",
            f"{found.within:,} of the judged images are nearly another of them",
            "one picture counts several times, so there are fewer images to judge by than there seem to be",
            "keep one of each",
        )


def grey_corners(subject: Subject) -> Iterator[Finding]:
    """Augmentation that brings in something else than background: a rotation after normalization filled with 0."""
    if subject.prepare is None or subject.train is None:
        return
    empty: Pixels = np.zeros((TRIED, *subject.train.shape[1:]), np.uint8)
    seen = subject.prepare(empty)
    spread = float((seen.amax((0, 2, 3)) - seen.amin((0, 2, 3))).max())
    if spread > 1e-3 * float(torch.maximum(seen.abs().max(), torch.ones(()))):
        yield error(
            "grey-corners",
            "augmentation",
            f"a black image comes out with values {spread:.3g} apart",
            "what comes in from outside is not the background, so augmented images have marks that test images lack",
            "move images before they are normalized, or fill with the normalized background",
        )


def mirrored_digits(subject: Subject) -> Iterator[Finding]:
    """Flips of images that are something else in a mirror."""
    arms = subject.study.arms if subject.study else ()
    flipped = {arm.recipe.dataset for arm in arms if arm.recipe.augment.flip}
    for name in sorted(name for name in flipped if name in CATALOG and CATALOG[name].handed):
        yield warning(
            "mirrored-digits",
            "augmentation",
            f"images of {name} are flipped left to right",
            "in a mirror they are no longer what their labels say, and test images are never mirrored",
            "leave augment.flip at 0 there; crops, shifts and small rotations keep what an image shows",
        )
