"""`--cluster`: who makes the runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[str]]
FAST = ["--epochs", "1", "--train-images", "256", "--holdout", "256", "--engine", "eager", "--format", "json"]
STUDY = ["compare", "--norms", "bn,ln", "--seeds", "2", *FAST]

pytestmark = [pytest.mark.training, pytest.mark.timeout(200), pytest.mark.cluster]


def table(result: CompletedProcess[str]) -> Any:
    """What was found, without how long it took."""
    assert result.returncode == 0, result.stderr
    found = json.loads(re.sub(r'"[a-z_]*seconds[a-z_]*": [^,\n}]+', '"seconds": 0', result.stdout))
    others = found["others"]
    for part in ("arms", "pairs"):
        others[part] = [row for row in others[part] if row["outcome"] != "seconds"]
    for pair in others["pairs"]:  # corrected together, that of the seconds as well
        del pair["p"], pair["interval"], pair["stands"]
    return found


def test_a_cluster_makes_the_table_of_this_machine(normlab: Run, tmp_path: Path) -> None:
    """Number by number; no file of the cluster's is left."""
    made = normlab(*STUDY, "--cluster", "local:2", "--out", "there")
    assert "4 runs: " in made.stderr
    assert ", 2 at a time" in made.stderr
    assert "[4/4] " in made.stderr
    assert table(made) == table(normlab(*STUDY, "--workers", "1", "--out", "here"))
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["compare", "leases", "runs.db", "weights"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--cluster", "4"], "--cluster: expected local:N or tcp://HOST:PORT (or tls://…), got '4'"),
        (["--cluster", "local:2", "--workers", "2"], "--workers is how many processes run here without a cluster"),
    ],
)
def test_a_mistyped_cluster_is_one_line(normlab: Run, options: list[str], told: str) -> None:
    """Before anything is looked at; nothing is written."""
    result = normlab(*STUDY, *options)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {told}")
    assert len(result.stderr.splitlines()) == 1
    assert not Path("normlab-out").exists()


def test_a_cluster_that_is_not_there_is_one_line(normlab: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is trained."""
    from normlab.execution.cluster import executor

    monkeypatch.setattr(executor, "FIRST", 0.1)
    monkeypatch.setattr(executor, "ATTEMPT", 0.5)
    result = normlab(*STUDY, "--cluster", "tcp://127.0.0.1:1")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: no scheduler answers at tcp://127.0.0.1:1, tried for 0 s")
    assert "Traceback" not in result.stderr


def test_a_signal_ends_the_command_within_five_seconds(tmp_path: Path, mnist: object) -> None:  # noqa: ARG001
    """The run is saved, its lease given back, and no process is left; the same command goes on."""
    words = [*STUDY, "--epochs", "60", "--cluster", "local:1"]
    command = [sys.executable, "-m", "normlab", *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as study:
        checkpoints = tmp_path / "normlab-out" / "checkpoints"
        assert any([*checkpoints.glob("*.checkpoint")] or time.sleep(0.05) for _ in range(1200))
        start = time.monotonic()
        os.kill(study.pid, signal.SIGTERM)
        assert study.stderr is not None
        assert study.wait(60) == 143
        assert time.monotonic() - start < 5
        told = study.stderr.read()
    assert "Traceback" not in told
    assert "the same command continues" in told
    assert re.search(r"^.* · seed \d: saved in epoch \d+ of 60$", told, re.MULTILINE)
    assert not list((tmp_path / "normlab-out" / "leases").iterdir())
