from __future__ import annotations

import mmap
import sys
from pathlib import Path

import numpy as np
import pytest

from normlab.training import footprint as module
from normlab.training.footprint import BARE, footprint

LARGE = 200_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell")


@linux
@pytest.mark.slow
def test_what_is_held_counts_though_it_is_let_go_again() -> None:
    """The most at a time, over what a bare worker has."""
    with footprint() as held:
        first = np.ones(LARGE, np.uint8)
        del first
        second = np.ones(LARGE // 2, np.uint8)
        del second
    assert held.bytes - BARE == pytest.approx(LARGE, rel=0.1)


@linux
@pytest.mark.slow
def test_what_was_held_before_and_mapped_files_do_not_count(tmp_path: Path) -> None:
    """A notebook may hold much, and the pages of files are the system's."""
    (tmp_path / "images").write_bytes(bytes(LARGE))
    before = np.ones(LARGE, np.uint8)
    with footprint() as held, (tmp_path / "images").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        assert not np.frombuffer(mapped, np.uint8).any()
    assert before.all()
    assert held.bytes - BARE < LARGE / 10


def test_where_nothing_is_told_apart_it_is_all_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a worker will hold, and no error."""
    monkeypatch.setattr(module, "STATUS", tmp_path / "status")
    monkeypatch.setattr(module, "RESET", tmp_path / "none" / "clear_refs")
    with footprint() as held:
        pass
    assert held.bytes > 20_000_000
