"""Which images of a place are trained on and which are judged by, and what their labels are as classes 0, 1, ….

Where there are test images, they are judged by, else the validation images; where there is neither, a fifth of each
class is set aside. Which images that are depends on nothing but how many there are, so that every study of a place is
judged by the same ones. Validation images beside test images are not used. A split without images is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab import seeds
from normlab.data.layouts import Found, Part, Split
from normlab.errors import DataError
from normlab.spec.problems import one_line

SET_ASIDE = 0.2
"""The share of each class that becomes test images where there are none."""
MOST_CLASSES = 1000


@dataclass(frozen=True)
class Share:
    """A split: its images, their classes, int64 (N,), and which of them are judged by, bool (N,)."""

    part: Part
    labels: NDArray[np.int64]
    judged: NDArray[np.bool_]


@dataclass(frozen=True)
class Sorted:
    """Every split that is used, the names of the classes, and what people should know of it."""

    shares: tuple[Share, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, *, judged: bool) -> set[int]:
        """The classes of the images that are judged by, or of those that are trained on."""
        return {int(label) for share in self.shares for label in np.unique(share.labels[share.judged == judged])}


def sort(found: Found, where: str) -> Sorted:
    """What a place is to a study.

    Raises `DataError` where there are not 2 to 1,000 classes, where two are called the same, where a label is none of
    them, and what `check` raises.
    """
    splits, notes = _used(found, where)
    raw = {split: np.asarray(found.parts[split].labels()) for split in splits}
    labels, classes = _classes(raw, found.classes, where)
    judged = {split: np.full(len(labels[split]), split != "train") for split in splits}
    if len(splits) == 1:
        judged["train"] = _set_aside(labels["train"])
    shares = tuple(Share(found.parts[split], labels[split], judged[split]) for split in splits)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(f"{where}: expected 2 to {MOST_CLASSES:,} classes, got {len(classes):,}")
    named = Sorted(shares, tuple(map(one_line, classes)), tuple(map(one_line, (*found.notes, *notes))))
    _check_names(named.classes, where)
    check(named.of(judged=False), named.of(judged=True), named.classes, where)
    return named


def _check_names(names: Sequence[str], where: str) -> None:
    if twice := next((name for number, name in enumerate(names) if name in names[:number]), None):
        first = names.index(twice)
        second = names.index(twice, first + 1)
        raise DataError(f"{where}: the classes {first} and {second} are both called {twice!r}: rename one of them")


def check(learned: Set[int], judged: Set[int], classes: Sequence[str], where: str) -> None:
    """Whether the classes of the images that are trained on, and of those that are judged by, make a study.

    Raises `DataError` where there are none to be judged by, where a class of theirs has none to learn it from, or where
    fewer than two classes are learned.
    """
    if not judged:
        raise DataError(
            f"{where}: expected images to be judged by, got none: a class needs two images, or give a split called test"
        )
    if unseen := sorted(judged - learned):
        raise DataError(
            f"{where}: the class {classes[unseen[0]]!r} has images to be judged by, and none to learn it from"
        )
    if len(learned) < 2:
        raise DataError(f"{where}: expected images of two classes to train on, got those of {classes[min(learned)]!r}")


def _used(found: Found, where: str) -> tuple[list[Split], tuple[str, ...]]:
    parts = {split: part for split, part in found.parts.items() if len(part)}
    if "train" not in parts:
        raise DataError(f"{where}: expected images to train on, got none of a split called train")
    if "test" in parts:
        unused = (f"its {len(parts['val']):,} validation images are not used",) if "val" in parts else ()
        return ["train", "test"], unused
    if "val" in parts:
        return ["train", "val"], ("there are no test images: its validation images are judged by",)
    return ["train"], (f"there are no test images: {SET_ASIDE:.0%} of each class are set aside and judged by",)


def _classes(
    raw: Mapping[Split, NDArray[Any]], names: Sequence[str], where: str
) -> tuple[dict[Split, NDArray[np.int64]], tuple[str, ...]]:
    """Labels as classes; where they have no names, what occurs is a class, numbers and texts in their own order."""
    occurring = np.unique(np.concatenate([*raw.values()]))
    if names and occurring.dtype.kind in "iu":
        outside = occurring[(occurring < 0) | (occurring >= len(names))]
        if len(outside):
            raise DataError(f"{where}: expected labels from 0 to {len(names) - 1}, got {outside[0]}")
        return {split: labels.astype(np.int64) for split, labels in raw.items()}, tuple(names)
    if occurring.dtype.kind not in "iuU":
        raise DataError(f"{where}: expected labels that are whole numbers or texts, got {occurring.dtype}")
    if occurring.dtype.kind == "U" and all(text.isdecimal() and len(text) < 19 for text in occurring):
        occurring = np.array(sorted(occurring, key=int))
    order = np.argsort(occurring)
    found = {split: order[np.searchsorted(occurring, each, sorter=order)] for split, each in raw.items()}
    return {split: each.astype(np.int64) for split, each in found.items()}, tuple(map(str, occurring))


def _set_aside(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A fifth of each class, at least one image of those that have two."""
    judged = np.zeros(len(labels), bool)
    rng = seeds.generator(0, "test split", 0)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        judged[members[: max(round(SET_ASIDE * len(members)), int(len(members) > 1))]] = True
    return judged
