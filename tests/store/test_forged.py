"""Rows that somebody has changed together with their checksums: what no normlab writes is named, in one line."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stub_runs import job, record

from normlab.errors import DamagedRun, StoreError
from normlab.store import Spool, Store, checksums, rows
from normlab.store.sealed import seal, unseal

JOB = job(0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one run and a study."""
    with Store.open(tmp_path) as store:
        store.commit(record(JOB))
        store.note("norms", 'name = "norms"', [JOB.key])
    return tmp_path


def forge(project: Path, **changed: Any) -> None:
    """Change columns of the run, and its checksum with them."""
    with closing(sqlite3.connect(project / "runs.db")) as db, db:
        _, *values, _ = db.execute("SELECT * FROM run").fetchone()
        row = dict(zip(rows.Row.__annotations__, values, strict=True)) | changed
        sets = ", ".join(f"{name} = ?" for name in (*row, "checksum"))
        db.execute(f"UPDATE run SET {sets}", (*row.values(), checksums.of_values([*row.values()])))  # noqa: S608


def short_blob(project: Path) -> None:
    """Probabilities of half an image."""
    blob = bytes(20)
    with closing(sqlite3.connect(project / "runs.db")) as db, db:
        db.execute("UPDATE prediction SET probabilities = ?", (blob,))
    forge(project, probabilities_sha=checksums.of_bytes(blob))


def no_epochs(project: Path) -> None:
    """A finished run without one."""
    with closing(sqlite3.connect(project / "runs.db")) as db, db:
        db.execute("DELETE FROM epoch")
    forge(project, epochs=0, epochs_sha=checksums.of_values([]), judged_correct=None, judged_images=None)


def other_weights(payload: bytes) -> Callable[[Path], None]:
    """A file of weights that says something else, and whose checksum is right."""

    def put(project: Path) -> None:
        (project / "weights" / f"{JOB.key}.safetensors").write_bytes(payload)
        forge(project, weights_sha=checksums.of_bytes(payload))

    return put


def safetensors(header: Any, content: bytes = b"") -> bytes:
    """A file with this header."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


BF16 = safetensors({"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}, bytes(8))
FORGED = {
    "short blob": short_blob,
    "no epochs": no_epochs,
    "fewer epochs": lambda project: forge(project, epochs=1),
    "images": lambda project: forge(project, images=-1),
    "environment": lambda project: forge(project, environment="[]"),
    "environment, other fields": lambda project: forge(project, environment='{"x": 1}'),
    "no safetensors": other_weights(b"x" * 100),
    "huge header": other_weights(struct.pack("<Q", 2**62) + b"{}"),
    "bf16": other_weights(BF16),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_a_forged_run_is_named(project: Path, change: Callable[[Path], object]) -> None:
    """Whatever is asked of it."""
    change(project)
    store = Store.reading(project)
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(.+\); give the study's command again with --repair"):
        _ = [(run.probabilities, run.weights) for run in store.runs([JOB])]
    assert store.damaged([JOB], deep=True).keys() == {JOB.key}


def test_a_forged_study_is_one_line(project: Path) -> None:
    """Runs that it refers to as something else than a list."""
    values = ("norms", 'name = "norms"', "2026-03-01T10:00:00+00:00", "3")
    with closing(sqlite3.connect(project / "runs.db")) as db, db:
        checksum = checksums.of_values(values)
        db.execute("UPDATE study SET toml = ?, noted = ?, keys = ?, checksum = ?", (*values[1:], checksum))
    with pytest.raises(StoreError, match="the study 'norms' is damaged"):
        Store.reading(project).studies()


def _row(**changed: Any) -> Callable[[dict[str, Any]], None]:
    return lambda facts: facts["row"].update(changed)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_row(seed=2**70), "its row is none of ours"),
        (_row(seed="0"), "its row is none of ours"),
        (_row(key="../../elsewhere"), "its row is none of ours"),
        (_row(seconds=float("nan")), "its row is none of ours"),
        (_row(environment="\ud800"), "its row is none of ours"),
        (_row(more=1), "it is of another version"),
        (_row(recipe="{}"), "its key is another run's"),
        (_row(root="00"), "its key is another run's"),
        (_row(epochs=1), "it has other epochs than its row says"),
        (_row(environment="[]"), "it cannot be understood"),
        (_row(images=-1), "it cannot be understood"),
        (lambda facts: facts.pop("lists"), "it is of another version"),
        (lambda facts: facts["lists"]["epoch"].append(["a", "b"]), "it has a row of epoch that is none of ours"),
        (lambda facts: facts["lists"]["epoch"].append(facts["lists"]["epoch"][0]), "it has an epoch twice"),
    ],
)
def test_a_forged_file_of_a_spool_stays_there_and_no_other_with_it(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    """Its checksum is right; it is named, and the sound run beside it is kept."""
    spool = Spool(tmp_path)
    for each in (JOB, job(1)):
        spool.put(record(each))
    path = tmp_path / "spool" / f"{JOB.key}.run"
    arrays, facts = unseal(path.read_bytes())
    change(facts)
    path.write_bytes(seal(arrays, facts))
    with Store.open(tmp_path) as store:
        merged = store.merge_spool()
    assert (merged.new, merged.damaged) == ([job(1).key], {JOB.key: why})
    assert spool.waiting() == [JOB.key]


def test_a_run_of_a_source_that_is_none_is_another_version_s(project: Path) -> None:
    """Named where it is listed, whatever its checksum says."""
    forge(project, only="luck")
    with Store.reading(project) as store:
        (row,) = store.listing()
    with pytest.raises(StoreError, match="was made by another version of normlab"):
        _ = row.job
