from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
TINY = ["compare", "--norms", "gn:4", "--seeds", "1", "--train-images", "128", "--holdout", "250", "--epochs", "1"]

pytestmark = pytest.mark.training


@pytest.mark.training
@pytest.mark.long
def test_an_engine_by_name_makes_the_runs(normlab: Run, tmp_path: Path) -> None:
    """`--engine eager` is told on stderr, recorded with every run and kept in the study's own file."""
    result = normlab(*TINY, "--engine", "eager")
    assert result.returncode == 0, result.stderr
    assert "engine eager" in result.stderr.splitlines()
    assert [run["engine"] for run in json.loads(normlab("runs", "--format", "json").stdout)] == ["eager"]
    assert 'engine = "eager"' in (tmp_path / "normlab-out" / "compare" / "study.toml").read_text()


def test_an_engine_that_is_not_there_is_one_line(normlab: Run, tmp_path: Path) -> None:
    """A misspelt engine exits with 2, names those that are there and leaves nothing behind."""
    result = normlab(*TINY, "--engine", "warp")
    assert result.returncode == 2
    assert result.stderr == "error: engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'\n"
    assert not (tmp_path / "normlab-out").exists()


@pytest.mark.training
@pytest.mark.long
def test_a_single_run_says_why_its_engine_is_not_the_fastest(started: Run, tmp_path: Path) -> None:
    """Without llvmlite a run is slower, and one line before the first epoch says so."""
    (tmp_path / "llvmlite.py").write_text("raise ImportError('no wheel for this machine')")
    result = started("train", "gn:4", *TINY[5:], PYTHONPATH=str(tmp_path))
    assert result.returncode == 0, result.stderr
    line = "engine eager: the lanes engine needs llvmlite, which cannot be loaded: no wheel for this machine"
    assert line in result.stdout.splitlines()
