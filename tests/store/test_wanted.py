"""What is wanted next, said in a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import makers
import numpy as np
import pytest

from normlab.errors import StoreError
from normlab.spec import design
from normlab.store import Origin, Wanted, Wanting, wanted, weights

JOBS = makers.maker(design(norms=["bn"], seeds=3), "lanes", "").jobs()


def test_workers_hear_what_is_said_and_when_it_changes(tmp_path: Path) -> None:
    """In its order, each time anew, and nothing when it is withdrawn."""
    saying, hearing = Wanting(tmp_path), Wanted(tmp_path)
    assert (hearing.runs(), hearing.ever) == ({}, False)
    saying.post(JOBS)
    assert list(hearing.runs()) == [job.key for job in JOBS]
    saying.post(JOBS[1:])
    assert list(hearing.runs()) == [job.key for job in JOBS[1:]]
    saying.withdraw()
    assert (hearing.runs(), hearing.ever, list(tmp_path.iterdir())) == ({}, True, [])


def test_who_judges_is_believed_for_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each touch makes it another; who withdraws is gone sooner, unless another says something."""
    now = [1_000.0]
    monkeypatch.setattr(wanted.time, "monotonic", lambda: now[0])
    saying, hearing = Wanting(tmp_path), Wanted(tmp_path)
    saying.post(JOBS)
    for _ in range(9):
        hearing.runs()
        now[0] += 11
        saying.renew()
    hearing.runs()
    now[0] += 59
    assert not hearing.silent
    now[0] += 2
    assert hearing.silent
    saying.renew()
    hearing.runs()
    assert not hearing.silent
    saying.withdraw()
    hearing.runs()
    now[0] += 6
    assert hearing.silent


def test_what_another_has_taken_away_is_said_again(tmp_path: Path) -> None:
    """Two may judge one study, and one ends before the other."""
    saying, hearing = Wanting(tmp_path), Wanted(tmp_path)
    saying.post(JOBS)
    (tmp_path / wanted.NAME).unlink()
    saying.renew()
    saying.post(JOBS)
    assert len(hearing.runs()) == len(JOBS)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", '[["../../etc/passwd", "", ""]]', "[" * 100_000, "\x00", '[["a", "b"]]'],
    ids=["empty", "a table", "a number", "a path", "deep", "no text", "a pair"],
)
def test_a_file_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    """It comes from outside: no key of it is a path."""
    (tmp_path / wanted.NAME).write_text(text)
    with pytest.raises(StoreError, match=r"wanted\.json"):
        Wanted(tmp_path).runs()


def test_no_pipe_is_waited_for(tmp_path: Path) -> None:
    """It is no plain file."""
    os.mkfifo(tmp_path / wanted.NAME)
    with pytest.raises(StoreError, match=r"wanted\.json cannot be read"):
        Wanted(tmp_path).runs()


def test_weights_to_go_on_from_are_read_when_they_are_needed(tmp_path: Path) -> None:
    """By whoever trains, who says when they are not those that were meant."""
    key = JOBS[0].key
    payload = weights.packed({"layer.weight": np.arange(3.0)})
    weights.write(tmp_path, {key: payload})
    origin = Origin(tmp_path, key, wanted.checksums.of_bytes(payload))
    assert dict(origin)["layer.weight"].tolist() == [0, 1, 2]
    for other in (Origin(tmp_path, key, "0" * 64), Origin(tmp_path, JOBS[1].key, origin.checksum)):
        with pytest.raises(StoreError, match="weights, to go on from"):
            len(other)


def test_what_a_run_goes_on_from_is_named_with_its_checksum(tmp_path: Path) -> None:
    """So that a worker reads what was meant."""
    start = {"layer.weight": np.arange(3.0)}
    job = makers.maker(design(norms=["bn"], seeds=1), "lanes", "").jobs()[0]
    object.__setattr__(job, "start", start)
    object.__setattr__(job, "origin", "a" * 64)
    Wanting(tmp_path / "study").post([job])
    weights.write(tmp_path, {"a" * 64: weights.packed(start)})
    heard = Wanted(tmp_path / "study").runs()[job.key]
    assert heard is not None
    assert dict(heard)["layer.weight"].tolist() == [0, 1, 2]
    assert json.loads((tmp_path / "study" / wanted.NAME).read_text())[0][:2] == [job.key, "a" * 64]
