"""TensorBoard's event files: a folder a run, made with what the hparams plugin says or the folder's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from normlab.tables.sources import yaml_files
from normlab.tables.sources.folder import Folder
from normlab.tables.sources.found import Found, FoundRun, Plain, flat, series
from normlab.wire.reading import Hparams, Scalar
from normlab.wire.reading import read as events

KIND = "TensorBoard's event files"
FILES = "*.tfevents.*"
HPARAMS = "hparams.yaml"
PARTS = {"train", "validation", "val", "valid", "test", "eval"}
"""Folders that Keras makes in a run's, each with scalars of its own."""
MOMENT = re.compile(r"\d{9,}\.\d+")
"""Where `SummaryWriter.add_hparams` puts what a run was made with, in a folder of the run's."""


def takes(folder: Folder) -> bool:
    """Whether an event file lies in it."""
    return bool(folder.called(FILES))


def read(folder: Folder) -> Found:
    """A run for each folder with event files; raises `SpecError` for a damaged file."""
    files: dict[Path, list[Path]] = defaultdict(list)
    for path in folder.called(FILES):
        files[_home(path, folder.path)].append(path)
    return Found(KIND, [_run(home, paths, folder) for home, paths in files.items()])


def _home(path: Path, top: Path) -> Path:
    home = path.parent
    inner = home.name in PARTS or MOMENT.fullmatch(home.name)
    return home.parent if inner and home != top else home


def _run(home: Path, paths: list[Path], folder: Folder) -> FoundRun:
    beside = home / HPARAMS
    config: dict[str, Plain] = flat(yaml_files.load(beside)) if beside in folder.files else {}
    scalars = list[tuple[str, float, float]]()
    for prefix, event in _events(home, paths):
        if isinstance(event, Hparams):
            config |= event.values
        else:
            scalars.append((f"{prefix}{event.tag}", event.step, event.value))
    return FoundRun(home.relative_to(folder.path).as_posix(), config, series(scalars))


def _events(home: Path, paths: list[Path]) -> Iterator[tuple[str, Scalar | Hparams]]:
    for path in paths:
        prefix = f"{path.parent.name}/" if path.parent != home and path.parent.name in PARTS else ""
        yield from ((prefix, event) for event in events(path))
