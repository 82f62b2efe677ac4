"""A spool: runs that workers on other machines have left, and checkpoints, which are sealed the same way."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from random import Random

from harness import Parser

sys.path.insert(0, str(Path(__file__).parents[3] / "tests" / "store"))

from stub_runs import job, record

from normlab.errors import StoreError
from normlab.records import Checkpoint
from normlab.store import Checkpoints, Spool, Store

JOB = job(0)


def seeds() -> list[bytes]:
    """A run, and one that is in the middle."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        Spool(project).put(record(JOB))
        Checkpoints(project).save(JOB, Checkpoint(record(JOB).weights, {"place": [1, 0]}))
        return [path.read_bytes() for path in (*project.glob("spool/*"), *project.glob("checkpoints/*"))]


def dressed(draw: Random, content: bytes) -> bytes:
    """The checksum is put right in most, so that what is behind it is read."""
    _, _, payload = content.partition(b"\n")
    return hashlib.sha256(payload).hexdigest().encode() + b"\n" + payload if draw.random() < 0.8 else content


def read(case: bytes, folder: Path) -> object:
    """As `compare` and `merge` find it: what is no run of ours stays where it is, and what is kept can be read."""
    for path in (folder / "spool" / f"{JOB.key}.run", folder / "checkpoints" / f"{JOB.key}.checkpoint"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(case)
    found = Checkpoints(folder).recall(JOB)
    with Store.open(folder) as store:
        merged = store.merge_spool()
        try:
            runs = [*store.listing(), *((run.probabilities, run.weights) for run in store.runs([JOB]))]
        except StoreError as error:
            raise AssertionError("it was kept, and cannot be read") from error
        finally:
            store.drop([JOB.key])
    if not merged.new and found is None:
        raise StoreError(*merged.damaged.values())
    return found, runs


PARSER = Parser("spool", seeds, read, dressed)
