"""The folder itself: what lies in it, and that nothing of somebody else's is written over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import save

from normlab import files, leftovers
from normlab.bundle.script import ONNX, WEIGHTS, script
from normlab.compaction import onnx_file
from normlab.data import Dataset
from normlab.data.preprocess import network_input
from normlab.errors import CompactError, SpecError, StoreError
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.records import RunRecord

LOAD = "load.py"
OURS = {LOAD, WEIGHTS, ONNX, "__pycache__"}
UNFINISHED = "export"
CHECKED = 1000
"""Test images on which ONNX Runtime has to give what PyTorch gives."""


@dataclass(frozen=True)
class Bundle:
    """A run's network in a folder.

    Args:
        run: what the run is called, its arm and its seed.
        seed: its seed.
        files: what was written, the script first.
        left_out: why there is no ONNX file, empty where there is one.
    """

    run: str
    seed: int
    files: tuple[Path, ...]
    left_out: str = ""

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"The network of {self.run}, as trained"
        yield from (f"Written: {path} ({path.stat().st_size:,} bytes)" for path in self.files)
        if self.left_out:
            yield f"Left out: {ONNX}: {self.left_out}"


def write(record: RunRecord, study: str, data: Dataset, folder: Path, *, onnx: bool = True) -> Bundle:
    """Write the network of a finished run of a study into a folder, over an earlier export of the same run if any.

    Raises `SpecError` where the folder holds anything else, `StoreError` where it cannot be written.
    """
    payload, left_out = _onnx(record, data) if onnx else (b"", "not wanted")
    text = script(record, study, data, onnx=bool(payload))
    wanted = {LOAD: text.encode(), WEIGHTS: save(dict(record.weights)), ONNX: payload}
    try:
        _check_free(folder, record.key)
        written = _put(folder, {name: each for name, each in wanted.items() if each})
    except OSError as error:
        raise StoreError(f"cannot write to {folder}: {error.strerror or error}") from None
    return Bundle(record.job.name, record.seed, written, left_out)


def _put(folder: Path, wanted: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write all files aside, and give them their places when the last is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with leftovers.folder(folder, UNFINISHED) as aside:
        made = [files.write(aside / name, each) for name, each in wanted.items()]
        (folder / ONNX).unlink(missing_ok=True)  # one of before, where there is none now
        return tuple(path.replace(folder / path.name) for path in made)


def _check_free(folder: Path, key: str) -> None:
    """That the folder is new, empty, or an export of this run."""
    names = {path.name for path in folder.iterdir()} if folder.exists() else set[str]()
    there = {name for name in names if not leftovers.UNDER_WAY.fullmatch(name)}
    if others := sorted(there - OURS):
        raise SpecError(f"{folder} holds other files ({', '.join(others[:3])}): choose another --out")
    if there and not ((folder / LOAD).is_file() and key.encode() in (folder / LOAD).read_bytes()):
        raise SpecError(f"{folder} holds the export of another run: choose another --out, or delete it")


def _onnx(record: RunRecord, data: Dataset) -> tuple[bytes, str]:
    """The ONNX file, or nothing and why; a network that cannot be one is exported without it."""
    recipe, network = record.job.recipe, trained_network(record)
    try:
        onnx_file.need()
        with imports(recipe.model):
            return onnx_file.checked(
                network, network, network_input(data.test_images[:CHECKED], data, recipe.preprocess)
            ), ""
    except CompactError as error:
        return b"", str(error)
