"""A project that somebody was killed in has nothing of theirs after the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from stub_runs import job, record

from normlab.store import Store

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stub_runs import job, record
from normlab import files
from normlab.store import Store
store = Store.open(Path(sys.argv[1]))
store.commit(record(job(0)))
real = os.replace
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
Path.replace = die
store.commit(record(job(1)))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.timeout(60)
@pytest.mark.slow
def test_a_killed_writer_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    """Neither a half file of weights nor SQLite's log; the run before is whole, and the killed one is owed."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parent)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len([*(tmp_path / "weights").iterdir()]) == 2
    with Store.open(tmp_path) as store:
        assert len([*(tmp_path / "weights").iterdir()]) == 1
        assert store.have([job(0).key, job(1).key]) == {job(0).key}
        assert store.commit(record(job(1)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs.db", "weights"]


KILLED_WORKER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stub_runs import job, record
from normlab.records import Checkpoint
from normlab.store import Checkpoints, Spool
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "spool":
    Spool(Path(sys.argv[1])).put(record(job(0)))
Checkpoints(Path(sys.argv[1])).save(job(0), Checkpoint({}, {}))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("folder", ["spool", "checkpoints"])
@pytest.mark.slow
def test_a_killed_worker_leaves_no_half_file_after_the_next_start(tmp_path: Path, folder: str) -> None:
    """Of a finished run, or of a checkpoint."""
    command = [sys.executable, "-c", KILLED_WORKER, str(tmp_path), str(Path(__file__).parent), folder]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len([*(tmp_path / folder).iterdir()]) == 1
    with Store.open(tmp_path):
        assert not list((tmp_path / folder).iterdir())
