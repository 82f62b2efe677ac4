"""Runs in the middle, a file each, for as long as they are not kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from normlab import files
from normlab.records import Checkpoint, Job
from normlab.store.sealed import seal, unseal
from normlab.store.trouble import plain_errors
from normlab.store.weights import plain

FOLDER, ENDING = "checkpoints", ".checkpoint"


@dataclass(frozen=True)
class Checkpoints:
    """Those of a project; a run's is <project>/checkpoints/<key>.checkpoint."""

    project: Path

    def recall(self, job: Job) -> Checkpoint | None:
        """The job's last one; None where there is none, or it is not as it was written, and the run begins anew."""
        with suppress(OSError, ValueError):
            return Checkpoint(*unseal(plain(self._path(job.key))))
        return None

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """Put it in the place of the last one; raises `StoreError` where that cannot be."""
        with plain_errors(self.project):
            files.write(self._path(job.key), seal(*checkpoint))

    def asked(self) -> bool:
        """Whether one is wanted at once: nobody is here who would ask."""
        return False

    def drop(self, *keys: str) -> None:
        """These runs are kept, and go on from nothing any more."""
        there = [path for path in map(self._path, keys) if path.exists()]
        with suppress(OSError):
            files.remove_all(there)

    def keys(self) -> list[str]:
        """Of the runs that have one, in order."""
        return sorted(path.stem for path in (self.project / FOLDER).glob(f"*{ENDING}"))

    def _path(self, key: str) -> Path:
        return self.project / FOLDER / f"{key}{ENDING}"
