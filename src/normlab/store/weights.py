"""Weights as safetensors files, one a run: bounded header, no code in them, readable by every framework."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import save

from normlab import files
from normlab.errors import StoreError

FOLDER = "weights"
OURS = re.compile(r"\.?([0-9a-f]{64})\.safetensors(\..*)?")
"""A run's file, or the temporary one of a process that was killed while it wrote."""


def path_of(project: Path, key: str) -> Path:
    """Where a run's weights are."""
    return project / FOLDER / f"{key}.safetensors"


def packed(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """A run's file."""
    return save(dict(weights))


def write(project: Path, payloads: Mapping[str, bytes]) -> None:
    """Write the files of runs by their keys, each atomically; raises `StoreError` where the folder is a link."""
    if (project / FOLDER).is_symlink():
        raise StoreError(f"{project / FOLDER} is a link, and a folder is expected: choose another --out, or remove it")
    files.write_all(project / FOLDER, {path_of(project, key).name: each for key, each in payloads.items()})


def trouble(project: Path, key: str) -> str:
    """Why a run's file cannot be opened, empty where it can."""
    path = path_of(project, key)
    if path.parent.is_symlink():
        return f"{FOLDER} is a link, not a folder"
    if not os.path.lexists(path):
        return "its weights are missing"
    return "" if stat.S_ISREG(path.lstat().st_mode) else "its weights are not a plain file"


def read(project: Path, key: str) -> bytes:
    """A run's file; raises `OSError` where it is not a plain one."""
    return plain(path_of(project, key))


def plain(path: Path) -> bytes:
    """A file that is one; raises `OSError` for anything else, which is never waited for."""
    with files.opened(path, through_links=False) as file:
        return file.read()


def weighed(project: Path) -> set[str]:
    """The keys of runs that have weights here: those in the database, and of one that was killed while it was kept."""
    return {path.stem for path in (project / FOLDER).glob("*.safetensors") if OURS.fullmatch(path.name)}


def orphans(project: Path, keys: Collection[str]) -> list[Path]:
    """Files of runs that are none of these, in order; other files that lie there are nobody's business."""
    folder = project / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return []
    whole = {path_of(project, key).name for key in keys}
    return sorted(path for path in folder.iterdir() if _ours(path) and path.name not in whole)


def _ours(path: Path) -> bool:
    return bool(OURS.fullmatch(path.name)) and (path.is_symlink() or not path.is_dir())
