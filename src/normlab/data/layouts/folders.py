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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
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

    Raises `DataError` where images lie beside the classes, so that nobody can tell what they are, where two folders are
    the same split, or where that of the training images is misspelt.
    """
    if not path.is_dir():
        return None
    top = _unpacked(path)
    inside = _splits(top)
    filed: dict[Split, Filed] = {split: _filed(str(top), within) for split, within in inside.items()}
    some = {split: each for split, each in filed.items() if each.paths}
    if not some:
        return None
    notes = tuple(
        f"its folder {within.rstrip('/')} has images without a class, which are not used"
        for split, within in inside.items()
        if split not in some and _loose(str(top), within)
    )
    if unused := _unused(top, inside):
        notes += (f"its folders beside the splits are not used: {', '.join(unused)}",)
    parts = {split: each.part for split, each in some.items()}
    return Found("image folders", parts, [path for each in some.values() for path in each.files], notes=notes)


def _splits(top: Path) -> dict[Split, str]:
    """Where the images of each split are, from the top; all are to be trained on where there are no splits."""
    named = [(SPLITS[name.lower()], name) for name in _folders(top) if name.lower() in SPLITS]
    splits: dict[Split, str] = {split: f"{name}/" for split, name in named}
    if "train" not in splits:
        _misspelt(top, [name for _, name in named])
    if "train" not in splits or _a_class(top, splits["train"]):
        return {"train": ""}
    if len(splits) < len(named):
        same = [name for split, name in named if sum(split == other for other, _ in named) > 1]
        raise DataError(f"{top}: expected one folder for each split, got {' and '.join(same)}; put them together")
    return splits


def _misspelt(top: Path, named: Sequence[str]) -> None:
    """Raise `DataError` where there is a split with classes in it, and the training images' is called nearly so."""
    near = get_close_matches("train", set(_folders(top)) - {*named}, n=1)
    if near and any(_folders(top / name) for name in named):
        raise DataError(f"{top}: expected a folder train beside {named[0]}, got {near[0]}; did you mean train?")


def _unused(top: Path, inside: Mapping[Split, str]) -> list[str]:
    """Folders with images beside those of splits."""
    if inside == {"train": ""}:
        return []
    others = (name for name in _folders(top) if f"{name}/" not in inside.values())
    return [name for name in others if next(_pictures(str(top), f"{name}/"), None)]


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
