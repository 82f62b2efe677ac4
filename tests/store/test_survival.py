"""What was committed stays, whoever is killed, and whoever else writes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from stub_runs import job, record, same

from normlab.errors import StoreError
from normlab.records import Held
from normlab.store import Store

JOBS = [job(seed) for seed in range(40)]
WRITER = """
    import sys
    from pathlib import Path
    from stub_runs import job, record
    from normlab.store import Store

    with Store.open(Path(sys.argv[1])) as store:
        for seed in map(int, sys.argv[2].split(",")):
            if store.commit(record(job(seed))):
                print(seed, flush=True)
"""


def writing(project: Path, seeds: Sequence[int]) -> subprocess.Popen[str]:
    """Another process that commits these seeds' runs and prints those that it was the first to commit."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(project), ",".join(map(str, seeds))]
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.slow  # processes are started one after the other, only to be killed
@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
@pytest.mark.long
def test_a_kill_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """Killed again and again in the middle of its work: what was told is here and whole, and the rest is owed."""
    told: set[int] = set()
    for attempt in range(5):
        process = writing(tmp_path, range(40))
        assert process.stdout
        if line := process.stdout.readline():  # empty once all 40 are there
            told.add(int(line))
        time.sleep(0.006 * attempt)
        process.send_signal(signal.SIGKILL)
        told |= {int(line) for line in process.stdout.read().split("\n")[:-1]}
        process.wait()
        runs = Store.reading(tmp_path).runs(JOBS)
        assert told <= {run.seed for run in runs} <= {*range(40)}
        assert all(same(run, record(run.job)) for run in runs)
    with Store.open(tmp_path) as store:
        for each in JOBS:
            store.commit(record(each))
        store.drop([])
        assert store.damaged(JOBS, deep=True) == {}
    assert len([*(tmp_path / "weights").iterdir()]) == len(JOBS)


@pytest.mark.slow  # four processes start and work on one file
@pytest.mark.long
def test_processes_that_commit_the_same_runs_keep_each_once(tmp_path: Path) -> None:
    """Four processes start on an empty folder at once; all of them end well, and every run is one's alone."""
    seeds = [*range(12)]
    processes = [writing(tmp_path, seeds[start:] + seeds[:start]) for start in (0, 3, 6, 9)]
    first = [int(seed) for process in processes for seed in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(first) == seeds
    assert all(same(run, record(run.job)) for run in Store.reading(tmp_path).runs(JOBS))
    assert len(Store.reading(tmp_path).listing()) == len(seeds)


@pytest.mark.slow  # a process starts and commits 40 runs, each of them flushed to disk
@pytest.mark.long
def test_reading_goes_on_while_another_process_writes(tmp_path: Path) -> None:
    """Whoever reads meanwhile finds whole runs, and more of them each time."""
    process = writing(tmp_path, range(40))
    counts = [0]
    while process.poll() is None:
        runs = Store.reading(tmp_path).runs(JOBS)
        assert all(same(run, record(run.job)) for run in runs)
        counts.append(len(runs))
    process.communicate()
    assert counts == sorted(counts)
    assert len(Store.reading(tmp_path).runs(JOBS)) == len(JOBS)


@pytest.mark.slow
def test_reading_does_not_loosen_a_writers_hold(tmp_path: Path) -> None:
    """A process that reads what it has open to write keeps its locks: another's closing leaves its log alone."""
    Store.open(tmp_path).close()
    with Store.open(tmp_path) as store:
        Store.reading(tmp_path).runs(JOBS)
        writing(tmp_path, [1]).communicate()
        assert store.commit(record(job(0)))
        assert {run.seed for run in Store.reading(tmp_path).runs(JOBS)} == {0, 1}
    assert {run.seed for run in Store.reading(tmp_path).runs(JOBS)} == {0, 1}


def test_a_full_disk_loses_nothing_that_was_earned(tmp_path: Path) -> None:
    """When SQLite can grow no more, commit fails with one clear line and the earlier runs are whole."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
        assert store._writer
        store._writer.execute("PRAGMA max_page_count = 1")  # SQLite takes the pages that there are
        big = record(job(1), contents=Held(np.zeros((50_000, 10), np.float32), {}))
        with pytest.raises(StoreError, match=r"full.*same command continues"):
            store.commit(big)
    with Store.open(tmp_path) as again:
        assert [same(run, record(job())) for run in again.runs([job(), job(1)])] == [True]
        assert again.commit(record(job(1)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
@pytest.mark.slow
def test_weights_that_cannot_be_written_leave_no_row(tmp_path: Path) -> None:
    """The system refuses a file half-way: one line, and the run is owed as before."""
    script = """
        import resource, signal, sys
        from pathlib import Path
        import numpy as np
        from stub_runs import job, record
        from normlab.errors import StoreError
        from normlab.records import Held
        from normlab.store import Store

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        big = Held(np.zeros((1, 10), np.float32), {"w": np.zeros(1_000_000, np.float32)})
        with Store.open(Path(sys.argv[1])) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
            try:
                store.commit(record(job(), contents=big))
            except StoreError as error:
                print(error)
    """
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path})
    assert "File too large" in told.stdout
    assert told.stdout.count("\n") == 1
    assert Store.reading(tmp_path).have([job().key]) == set()
    assert not [*(tmp_path / "weights").iterdir()]


def test_a_process_that_holds_the_file_too_long_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits in vain gets one line."""
    monkeypatch.setattr("normlab.store.database.PATIENCE", 0.1)
    with Store.open(tmp_path) as store:
        other = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"database is locked.*same command continues"):
            store.commit(record(job()))
        other.close()
        assert store.commit(record(job()))
