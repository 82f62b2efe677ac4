"""Folders of images: a folder a class, called as the class is; perhaps in folders `train`, `val` and `test`.

    photos/cat/1.png                 photos/train/cat/1.png
    photos/dog/2.jpg                 photos/test/dog/more/2.jpg

What lies deeper belongs to the class above it. A class may be called `train`, too: a folder of this name that has
images right in it, and folders of images beside it, is one. Hidden files and folders, and files that are no images by
their names, are passed over. A folder in which there is nothing but one other is looked through, as archives are
unpacked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data.layouts.found import AT_ONCE, SPLITS, Encoded, Found, Picture, Split
from normlab.errors import DataError

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
HIDDEN = (".", "__MACOSX")


@dataclass(frozen=True)
class Filed:
    """Images in files: their paths, and the class of each. A path is relative to `top`, or absolute."""

    top: str
    paths: Sequence[str]
    classes: Sequence[str]

    @property
    def files(self) -> Iterator[str]:
        """The whole paths."""
        return (os.path.join(self.top, path) for path in self.paths)

    @property
    def part(self) -> Encoded:
        """The images as a split."""
        return Encoded(len(self.paths), self._labels, self._chunks)

    def _labels(self) -> NDArray[np.str_]:
        return np.array(self.classes)

    def _chunks(self) -> Iterator[list[Picture]]:
        for start in range(0, len(self.paths), AT_ONCE):
            yield [Picture(path, Path(self.top, path)) for path in self.paths[start : start + AT_ONCE]]


def recognise(path: Path) -> Found | None:
    """A folder with such folders.

    Raises `DataError` where images lie beside the classes, so that nobody can tell what they are.
    """
    if not path.is_dir():
        return None
    top = _unpacked(path)
    splits: dict[Split, str] = {SPLITS[name.lower()]: f"{name}/" for name in _folders(top) if name.lower() in SPLITS}
    inside: dict[Split, str] = splits if "train" in splits and not _a_class(top, splits["train"]) else {"train": ""}
    filed: dict[Split, Filed] = {split: _filed(str(top), within) for split, within in inside.items()}
    some = {split: each for split, each in filed.items() if each.paths}
    if not some:
        return None
    notes = tuple(
        f"its folder {within.rstrip('/')} has images without a class, which are not used"
        for split, within in inside.items()
        if split not in some and _loose(str(top), within)
    )
    parts = {split: each.part for split, each in some.items()}
    return Found("image folders", parts, [path for each in some.values() for path in each.files], notes=notes)


def _a_class(top: Path, within: str) -> bool:
    """Whether the folder that is called as a split is a class: it has images, no folders, and other classes beside."""
    if _folders(top / within) or not _loose(str(top), within):
        return False
    others = (name for name in _folders(top) if name.lower() not in SPLITS)
    return any(_loose(str(top), name) for name in others)


def _unpacked(folder: Path) -> Path:
    """The first folder downwards that has more in it than one other folder of folders."""
    inside = [name for name in os.listdir(folder) if not name.startswith(HIDDEN)]
    if len(inside) == 1 and _folders(folder / inside[0]):
        return _unpacked(folder / inside[0])
    return folder


def _folders(folder: Path) -> list[str]:
    """The names of the folders in one, if it is one."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(HIDDEN))


def _filed(top: str, within: str) -> Filed:
    """The images in a folder of classes, class by class in the order of their paths."""
    paths: list[str] = []
    classes: list[str] = []
    for name in _folders(Path(top, within)):
        here = sorted(_pictures(top, f"{within}{name}/"))
        paths += here
        classes += [name] * len(here)
    if paths and (loose := _loose(top, within)):
        raise DataError(
            f"{os.path.join(top, within, loose)}: an image beside the folders of the classes has no class; "
            "move it into one of them"
        )
    return Filed(top, paths, classes)


def _loose(top: str, within: str) -> str | None:
    """An image right in a folder that is to have folders of classes, if there is one."""
    return next((each.name for each in os.scandir(Path(top, within)) if _pictured(each)), None)


def _pictures(top: str, within: str) -> Iterator[str]:
    """The paths, from the top, of all images in a folder and below it."""
    for entry in os.scandir(os.path.join(top, within)):
        if _pictured(entry):
            yield within + entry.name
        elif not entry.name.startswith(HIDDEN) and entry.is_dir(follow_symlinks=False):
            yield from _pictures(top, f"{within}{entry.name}/")


def _pictured(entry: os.DirEntry[str]) -> bool:
    ending = os.path.splitext(entry.name)[1].lower()
    return ending in ENDINGS and not entry.name.startswith(HIDDEN) and not entry.is_dir()
