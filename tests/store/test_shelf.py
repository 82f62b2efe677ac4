"""Probabilities are read for some runs at a time, and given as if each had been asked for alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stub_runs import job, record

from normlab.errors import StoreError
from normlab.store import Store, shelf

JOBS = [job(seed, norm) for seed in range(20) for norm in ("bn", "ln")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Forty runs of two arms."""
    with Store.open(tmp_path) as store:
        for each in JOBS:
            store.commit(record(each))
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The projects whose database was asked for probabilities."""
    found: list[Path] = []
    real = shelf.ask

    def counted(project: Path, question: Callable[..., Any]) -> Any:
        found.append(project)
        return real(project, question)

    monkeypatch.setattr(shelf, "ask", counted)
    return found


def test_probabilities_of_many_runs_are_read_at_once(project: Path, asked: list[Path]) -> None:
    """An arm after the other, as reports take them; whoever comes back for one reads it again."""
    runs = Store.reading(project).runs(JOBS)
    for run in sorted(runs, key=lambda run: run.arm):
        assert np.array_equal(run.probabilities, record(run.job).probabilities)
    assert len(asked) == 1
    assert np.array_equal(runs[0].probabilities, record(JOBS[0]).probabilities)
    assert len(asked) == 2


def test_no_more_is_read_than_memory_is_for(project: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of runs that are larger than that, one at a time."""
    monkeypatch.setattr(shelf, "AHEAD", 1)
    for run in Store.reading(project).runs(JOBS):
        assert np.array_equal(run.probabilities, record(run.job).probabilities)
    assert len(asked) == len(JOBS)


def test_a_run_is_read_alone_where_those_beside_it_cannot_be(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged page of the file is that of some runs only."""
    [run, *_] = Store.reading(project).runs(JOBS)
    real = shelf.Shelf._blobs

    def damaged(of: shelf.Shelf, keys: list[str]) -> dict[str, bytes]:
        if JOBS[2].key in keys:
            raise StoreError("malformed")
        return real(of, keys)

    monkeypatch.setattr(shelf.Shelf, "_blobs", damaged)
    assert np.array_equal(run.probabilities, record(run.job).probabilities)
