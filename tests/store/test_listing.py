"""Runs as a list: every one, told without opening what is large."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from stub_runs import job, record

from normlab.errors import DamagedRun, StoreError
from normlab.store import Store, checksums
from normlab.store.rows import Row

MANY = 10_000


def test_a_list_tells_of_every_run(tmp_path: Path) -> None:
    """In the order in which they were finished, diverged ones too, with the studies that use them."""
    with Store.open(tmp_path) as store:
        store.commit(record(job(1, "ln", root=2**70)))
        store.commit(record(job(0), diverged_at=1, epochs=()))
        store.note("norms", "", [job(0).key])
        store.note("all", "", [job(0).key, job(1, "ln", root=2**70).key])
        first, second = store.listing()
    assert first.job == job(1, "ln", root=2**70)
    assert (first.seed, first.epochs, first.correct, first.images, first.studies) == (1, 2, 5, 7, ("all",))
    assert (second.epochs, second.correct, second.images, second.diverged_at) == (0, None, None, 1)
    assert second.studies == ("all", "norms")


def test_a_list_names_runs_that_were_changed(tmp_path: Path) -> None:
    """By the beginning of its key, and its seed."""
    with Store.open(tmp_path) as store:
        store.commit(record(job(3)))
    db = sqlite3.connect(tmp_path / "runs.db")
    db.execute("UPDATE run SET judged_correct = 7")
    db.commit()
    db.close()
    with pytest.raises(DamagedRun, match=rf"run '{job(3).key[:11]} · seed 3 \(its row"):
        Store.reading(tmp_path).listing()


def test_a_run_of_another_version_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its key follows from other rules, so it cannot be run again from its row."""
    with monkeypatch.context() as patch, Store.open(tmp_path) as store:
        patch.setattr("normlab.records.METHOD", -1)
        store.commit(record(job()))
    [row] = Store.reading(tmp_path).listing()
    with pytest.raises(StoreError, match="another version of normlab"):
        _ = row.job


@pytest.mark.slow  # 10,000 rows are made first
@pytest.mark.long
def test_thousands_of_runs_are_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """10,000 runs take less than a second of a processor; the test leaves room for slower ones."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
    multiply(tmp_path / "runs.db", MANY)
    with Store.open(tmp_path) as store:
        store.note("seeds", "", [row.key for row in store.listing()])
    before = time.process_time()
    listed = Store.reading(tmp_path).listing()
    seconds = time.process_time() - before
    with capsys.disabled():
        print(f"\n{len(listed):,} runs listed in {seconds:.2f} s of processor time")  # noqa: T201 - a figure that is promised
    assert len({row.key for row in listed}) == MANY
    assert {row.studies for row in listed} == {("seeds",)}
    assert seconds < 3


def multiply(path: Path, count: int) -> None:
    """Make one run's row many runs' rows, each with its own seed, key and checksum."""
    db = sqlite3.connect(path)
    [(_, *values, _)] = db.execute("SELECT * FROM run").fetchall()
    first = Row(*values)
    for seed in range(1, count):
        row = astuple(replace(first, key=checksums.of_values([seed]), seed=seed))
        marks = ", ".join("?" * (len(row) + 2))
        db.execute(f"INSERT INTO run VALUES ({marks})", (None, *row, checksums.of_values(row)))  # noqa: S608
    db.commit()
    db.close()
