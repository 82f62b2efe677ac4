from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

Run = Callable[..., CompletedProcess[str]]
TINY = ["compare", "--norms", "gn:4", "--l1", "0", "--seeds", "1", "--train-images", "128", "--epochs", "1"]


def made_with(out: Path) -> list[tuple[int, str]]:
    """(seed, engine) of every run in the store."""
    (folder,) = (out / "normlab-out").iterdir()
    query = "SELECT seed, engine FROM run JOIN environment ON environment.id = run.environment ORDER BY seed"
    with closing(sqlite3.connect(folder / "runs.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_an_engine_by_name_makes_the_runs(normlab: Run, tmp_path: Path) -> None:
    """`--engine eager` is told on stderr, recorded with every run and kept in the study's own file."""
    result = normlab(*TINY, "--engine", "eager")
    assert result.returncode == 0, result.stderr
    assert "engine eager" in result.stderr.splitlines()
    assert made_with(tmp_path) == [(0, "eager")]
    assert 'engine = "eager"' in next((tmp_path / "normlab-out").glob("*/study.toml")).read_text()


def test_an_engine_that_is_not_there_is_one_line(normlab: Run, tmp_path: Path) -> None:
    """A misspelt engine exits with 2, names those that are there and leaves nothing behind."""
    result = normlab(*TINY, "--engine", "warp")
    assert result.returncode == 2
    assert result.stderr == "error: engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'\n"
    assert not (tmp_path / "normlab-out").exists()


def test_a_single_run_says_why_its_engine_is_not_the_fastest(normlab: Run, tmp_path: Path) -> None:
    """Without llvmlite a run is slower, and one line before the first epoch says so."""
    (tmp_path / "llvmlite.py").write_text("raise ImportError('no wheel for this machine')")
    result = normlab("train", "gn:4", "--train-images", "128", "--epochs", "1", PYTHONPATH=str(tmp_path))
    assert result.returncode == 0, result.stderr
    line = "engine eager: the lanes engine needs llvmlite, which cannot be loaded: no wheel for this machine"
    assert line in result.stdout.splitlines()
