"""A study that is ended, watched by nobody, or worked at from several shells."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from normlab.cli import endings

pytestmark = [
    pytest.mark.long,
    pytest.mark.training,
    pytest.mark.usefixtures("mnist"),
    pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals"),
]

FAST = "--epochs 2 --set train_images=1024 --holdout 500 --engine eager --workers 1"
STUDY = f"compare --norms bn,ln --seeds 2 {FAST}"


def begin(folder: Path, command: str, **streams: object) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "normlab", *command.split()]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **streams}
    return subprocess.Popen(words, cwd=folder, start_new_session=True, **how)  # type: ignore[call-overload, no-any-return]


def kept(folder: Path) -> int:
    with sqlite3.connect(folder / "normlab-out" / "runs.db") as db:
        (count,) = db.execute("SELECT count(*) FROM run").fetchone()
    return int(count)


def test_a_signal_saves_the_run_under_way_within_five_seconds(tmp_path: Path) -> None:
    """It says so, and the same command goes on in the epoch that was reached."""
    process = begin(tmp_path, STUDY.replace("--epochs 2", "--epochs 40"))
    checkpoints = tmp_path / "normlab-out" / "checkpoints"
    assert any([*checkpoints.glob("*.checkpoint")] or time.sleep(0.05) for _ in range(1200))
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - start < 6  # a loaded machine may take a moment to notice
    assert process.returncode == 143
    assert "Traceback" not in errors
    assert "the same command continues" in errors
    (found,) = re.findall(r"^.* · seed \d: saved in epoch (\d+) of 40$", errors, re.MULTILINE)
    assert int(found) > 1
    assert len(list(checkpoints.iterdir())) == 1
    assert not list((tmp_path / "normlab-out" / "leases").iterdir())


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_signals_end_a_command_as_ctrl_c_does(number: str) -> None:
    """With the exit code that a shell expects, and handlers are as before afterwards."""
    wanted = getattr(signal, number)
    before = signal.signal(wanted, signal.SIG_DFL)  # whoever runs these tests may have it ignored
    try:
        with pytest.raises(KeyboardInterrupt) as end, endings.ended_by_signals():
            signal.raise_signal(wanted)
        assert endings.exit_code(end.value) == 128 + wanted
        assert signal.getsignal(wanted) == signal.SIG_DFL
    finally:
        signal.signal(wanted, before)


def test_a_signal_that_is_to_be_ignored_ends_nothing() -> None:
    """`nohup normlab compare` goes on when its terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with endings.ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def full() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def closed() -> int:
    reader, end = os.pipe()
    os.close(reader)
    return end


def test_streams_that_fail_end_no_training(tmp_path: Path) -> None:
    """A reader that has gone, and a full disk: the study is whole, and its report is written."""
    process = begin(tmp_path, f"compare --norms bn,ln --seeds 1 {FAST} --epochs 1", stdout=full(), stderr=closed())
    assert process.wait(100) == 1
    assert kept(tmp_path) == 2
    assert (tmp_path / "normlab-out" / "compare" / "report.html").stat().st_size > 100_000


@pytest.mark.parametrize("fails", [full, closed])
def test_an_answer_that_nobody_hears_is_one_line(fails: Callable[[], int], tmp_path: Path) -> None:
    """And an exit code that says so."""
    end = fails()
    process = begin(tmp_path, "data list", stdout=end)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in errors


def test_three_shells_share_a_study(tmp_path: Path) -> None:
    """Each run is made once, each shell shows all of them, and the tables are the same."""
    study = f"compare --norms bn,ln --seeds 3 {FAST} --epochs 1 --format csv"
    shells = [begin(tmp_path, study) for _ in range(3)]
    told = [shell.communicate(timeout=200) for shell in shells]
    assert [shell.returncode for shell in shells] == [0, 0, 0], told
    assert all("[6/6]" in errors for _, errors in told)
    tables = [list(csv.DictReader(io.StringIO(table))) for table, _ in told]
    assert tables[0] == tables[1] == tables[2]
    assert kept(tmp_path) == 6
    trained = [len(re.findall(r"^\[", errors, re.MULTILINE)) for _, errors in told]
    assert trained == [6, 6, 6]
    assert not list((tmp_path / "normlab-out" / "leases").iterdir())
