from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.errors import EngineError
from normlab.records import Job, RunRecord
from normlab.study import StudyWatch
from normlab.training import Choice

TINY: dict[str, Any] = {"norms": ["gn:4"], "l1": [0], "seeds": 2, "train_images": 64, "epochs": 1}

pytestmark = pytest.mark.usefixtures("mnist")


class Heard(StudyWatch):
    """What is told, in order."""

    def __init__(self) -> None:
        self.words: list[object] = []

    def chosen(self, choice: Choice) -> None:
        """See `StudyWatch.chosen`."""
        self.words.append(choice)

    def begin(self, owed: Sequence[Job], total: int) -> None:
        """See `StudyWatch.begin`."""
        self.words.append(("begin", len(owed), total))

    def kept(self, record: RunRecord) -> None:
        """See `StudyWatch.kept`."""
        self.words.append(("kept", record.environment.engine))


def test_a_study_that_goes_on_keeps_its_engine(tmp_path: Path) -> None:
    """The fastest engine begins a study, what made its finished runs makes the others; it is told before they begin."""
    first, more, done = Heard(), Heard(), Heard()
    folder = normlab.compare(out=tmp_path, watch=first, **TINY).folder
    assert first.words == [Choice("lanes"), ("begin", 2, 2), ("kept", "lanes"), ("kept", "lanes")]
    with closing(sqlite3.connect(folder / "runs.sqlite")) as connection, connection:
        connection.execute("DELETE FROM epoch WHERE run IN (SELECT id FROM run WHERE seed = 1)")
        connection.execute("DELETE FROM run WHERE seed = 1")
        connection.execute("UPDATE environment SET engine = 'eager'")

    normlab.compare(out=tmp_path, watch=more, **TINY)
    assert more.words == [Choice("eager"), ("begin", 1, 2), ("kept", "eager")]
    normlab.compare(out=tmp_path, watch=done, **TINY)
    assert done.words == [("begin", 0, 2)]


def test_an_engine_that_cannot_take_a_study_stops_it_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for by name, on a processor that it does not know, it is an error with the way out, and no run is made."""
    from normlab.training.lanes import network, target

    def unknown() -> target.Target:
        raise EngineError("the lanes engine needs AVX2")

    monkeypatch.setattr(network, "host", unknown)
    heard = Heard()
    with pytest.raises(EngineError, match="needs AVX2: use engine eager"):
        normlab.compare(out=tmp_path, watch=heard, engine="lanes", **TINY)
    assert heard.words == []
