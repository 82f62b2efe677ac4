"""Where data sets live on this machine: one folder, searched in the ways people lay data out, written atomically.

    <root>/mnist/                 normlab's own layout, the only one that is written
    <root>/MNIST/raw/             torchvision's, or whatever else an entry names, such as cifar-10-batches-bin/
    <root>/                       the files themselves

The root is the platform's folder for caches, or the folder that the environment variable `NORMLAB_DATA` names.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from normlab import files, leftovers
from normlab.data import catalog
from normlab.data.checksum import checked, unzip
from normlab.data.entry import Entry, RawFile
from normlab.errors import CorruptData, DataError

VARIABLE = "NORMLAB_DATA"
LABELS = 1 << 16
"""Bytes of an unzipped file of test labels that are looked at: more than any has."""


def root() -> Path:
    """The folder that all data sets share."""
    from platformdirs import user_cache_path

    given = os.environ.get(VARIABLE)
    return Path(given) if given else user_cache_path("normlab", appauthor=False)


def home(entry: Entry) -> Path:
    """The folder that a fetched data set is written to."""
    return root() / entry.name


def find(entry: Entry, file: RawFile) -> Path | None:
    """The first path that holds the file under any of its spellings, unchecked; `None` when there is none.

    Raises:
        DataError: a folder on the way may not be searched.
    """
    folders = _own(entry)
    if not _holds_another(root(), entry):
        folders.append(root())
    return _first(folders, file)


def in_the_way(entry: Entry, file: RawFile) -> Path | None:
    """What has the file's name in one of the data set's own folders and is no file; `None` where nothing has."""
    paths = (folder / spelling for folder in _own(entry) for spelling in file.spellings)
    return next((path for path in paths if os.path.lexists(path) and not path.is_file()), None)


def read(entry: Entry, file: RawFile, path: Path) -> bytes:
    """The raw bytes of a file found at `path`, unzipped in memory if need be and checked.

    Raises:
        CorruptData: the bytes are not the pinned ones.
        DataError: the file cannot be read.
    """
    try:
        return checked(_bounded(path, file), file, str(path), zipped=file.zipped(path.name))
    except CorruptData as error:
        raise CorruptData(f"{error}; delete the file or run `normlab data fetch {entry.name}`") from None


def prepare(entry: Entry) -> Path:
    """The folder that a data set is written to, made if it is not there; raises `DataError` if it cannot be."""
    folder = home(entry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    leftovers.sweep(folder)
    return folder


def write(path: Path, content: bytes) -> None:
    """Put a file where a reader, or a crash at any moment, sees it whole or not at all; raises `DataError`."""
    try:
        files.write(path, content)
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> DataError:
    """The error of a file or folder that cannot be written."""
    return DataError(f"cannot write {path}: {error.strerror}; make room or set {VARIABLE} to a folder you can write")


def _own(entry: Entry) -> list[Path]:
    return [home(entry), *(root() / folder for folder in entry.folders)]


def _first(folders: list[Path], file: RawFile) -> Path | None:
    paths = (folder / spelling for folder in folders for spelling in file.spellings)
    try:
        return next((path for path in paths if path.is_file()), None)
    except OSError as error:
        raise DataError(f"cannot look for {file.name} in {root()}: {error.strerror}") from None


def _bounded(path: Path, file: RawFile) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(file.limit)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None


def _holds_another(folder: Path, entry: Entry) -> bool:
    """Whether the files right in the root are another data set's that has files of the same names.

    The last file tells: where names are the same it has the test labels, small and different in each.
    """
    labels = entry.files[-1]
    path, others = _first([folder], labels), _others(entry)
    if path is None or not others:
        return False
    content = _bounded(path, labels)
    versions = [content]
    with suppress(CorruptData):
        versions += [unzip(content, LABELS, str(path))] if path.suffix == ".gz" else []
    return any(hashlib.sha256(version).hexdigest() in others for version in versions)


def _others(entry: Entry) -> set[str]:
    """The SHA-256 of other data sets' files that may have the same name."""
    names = set(entry.files[-1].spellings)
    lasts = [other.files[-1] for other in catalog.CATALOG.values() if other.name != entry.name]
    return {last.sha256 for last in lasts if names & set(last.spellings)}
