"""Keras' `mnist.npz` and what is saved like it: `x_train`, `y_train`, `x_test` and `y_test` in one file."""

from __future__ import annotations

from pathlib import Path

from normlab.data.layouts import npz
from normlab.data.layouts.found import Found, Split

SPLITS: tuple[Split, ...] = ("train", "val", "test")


def recognise(path: Path) -> Found | None:
    """A file with these arrays; raises `CorruptData` where one is no array of images or labels."""
    names = npz.names(path) if path.suffix == ".npz" else set()
    splits = [split for split in SPLITS if {f"x_{split}", f"y_{split}"} <= names]
    if "train" not in splits:
        return None
    parts = {split: npz.part(npz.array(path, f"x_{split}"), npz.array(path, f"y_{split}")) for split in splits}
    return Found("Keras npz", parts, [path])
