"""One `.npz` file with arrays of images and labels for each split, called as MedMNIST or as Keras calls them.

    MedMNIST    train_images, train_labels, val_images, …
    Keras       x_train, y_train, x_test, …

Source of the first: J. Yang et al., MedMNIST v2, Scientific Data 10, 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from normlab.data.layouts import npz
from normlab.data.layouts.found import Found, Split

SPLITS: tuple[Split, ...] = ("train", "val", "test")
NAMES: Mapping[str, tuple[str, str]] = {
    "MedMNIST npz": ("{}_images", "{}_labels"),
    "Keras npz": ("x_{}", "y_{}"),
}
"""By layout, what the images and the labels of a split are called."""


def recognise(path: Path) -> Found | None:
    """A file with such arrays; raises `CorruptData` where one is no array of images or labels."""
    there = npz.names(path) if path.suffix == ".npz" else set()
    found = ((layout, _pairs(names, there)) for layout, names in NAMES.items())
    layout, pairs = next(((layout, pairs) for layout, pairs in found if "train" in pairs), ("", {}))
    parts = {split: npz.part(*(npz.array(path, name) for name in pair)) for split, pair in pairs.items()}
    return Found(layout, parts, [path]) if parts else None


def _pairs(names: tuple[str, str], there: set[str]) -> dict[Split, tuple[str, str]]:
    """The images and labels of each split that has both."""
    images, labels = names
    pairs = {split: (images.format(split), labels.format(split)) for split in SPLITS}
    return {split: pair for split, pair in pairs.items() if there.issuperset(pair)}
