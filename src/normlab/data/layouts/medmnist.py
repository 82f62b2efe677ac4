"""MedMNIST's `.npz`: `train_images`, `train_labels` and the same for `val` and `test` in one file.

Source: J. Yang et al., MedMNIST v2, Scientific Data 10, 2023.
"""

from __future__ import annotations

from pathlib import Path

from normlab.data.layouts import npz
from normlab.data.layouts.found import Found, Split

SPLITS: tuple[Split, ...] = ("train", "val", "test")


def recognise(path: Path) -> Found | None:
    """A file with these arrays; raises `CorruptData` where one is no array of images or labels."""
    names = npz.names(path) if path.suffix == ".npz" else set()
    splits = [split for split in SPLITS if {f"{split}_images", f"{split}_labels"} <= names]
    if "train" not in splits:
        return None
    parts = {
        split: npz.part(npz.array(path, f"{split}_images"), npz.array(path, f"{split}_labels")) for split in splits
    }
    return Found("MedMNIST npz", parts, [path])
