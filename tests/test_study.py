from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import normlab
from normlab import execution, models
from normlab.analysis import judge
from normlab.data.batches import PlainFeed
from normlab.data.prepare import prepare
from normlab.errors import DataError, EngineError, SpecError
from normlab.records import RunRecord
from normlab.spec import design
from normlab.stats.verdict import Kind
from normlab.study import StudyWatch
from normlab.training import Choice
from normlab.training.evaluate import judge as judge_model

TINY: dict[str, Any] = {"norms": ["gn:4"], "l1": [0], "seeds": 2, "train_images": 64, "epochs": 1}

pytestmark = pytest.mark.usefixtures("mnist")


class Heard(StudyWatch):
    """What is told, in order."""

    def __init__(self) -> None:
        self.words: list[object] = []

    def chosen(self, choice: Choice) -> None:
        """See `StudyWatch.chosen`."""
        self.words.append(choice)

    def begin(self, stored: int, owed: int | None) -> None:
        """See `StudyWatch.begin`."""
        self.words.append(("begin", stored, owed))

    def kept(self, record: RunRecord) -> None:
        """See `StudyWatch.kept`."""
        self.words.append(("kept", record.environment.engine))


def test_a_study_that_goes_on_keeps_its_engine(tmp_path: Path) -> None:
    """The fastest engine begins a study, what made its finished runs makes the others; it is told before they begin."""
    first, more, done = Heard(), Heard(), Heard()
    folder = normlab.compare(out=tmp_path, watch=first, **TINY).folder
    assert first.words == [Choice("lanes"), ("begin", 0, 2), ("kept", "lanes"), ("kept", "lanes")]
    with closing(sqlite3.connect(folder / "runs.sqlite")) as connection, connection:
        connection.execute("DELETE FROM kernel_size WHERE run IN (SELECT id FROM run WHERE seed = 1)")
        connection.execute("DELETE FROM epoch WHERE run IN (SELECT id FROM run WHERE seed = 1)")
        connection.execute("DELETE FROM run WHERE seed = 1")
        connection.execute("UPDATE environment SET engine = 'eager'")

    normlab.compare(out=tmp_path, watch=more, **TINY)
    assert more.words == [Choice("eager"), ("begin", 1, 1), ("kept", "eager")]
    normlab.compare(out=tmp_path, watch=done, **TINY)
    assert done.words == [("begin", 2, 0)]


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


def test_a_study_stops_when_it_is_settled(tmp_path: Path) -> None:
    """Within a margin that everything lies in, few seeds are enough; the next call finds nothing left to do."""
    options = {**TINY, "norms": ["bn", "gn:4"], "seeds": 30, "until_settled": True, "margin": 99.0}
    first, again = Heard(), Heard()
    comparison = normlab.compare(out=tmp_path, watch=first, **options).comparison
    assert ("begin", 0, None) in first.words
    assert 4 < len(comparison.runs) < 30
    (question,) = judge(comparison)
    assert question.contrasts[0].verdict.kind is Kind.equivalent
    normlab.compare(out=tmp_path, watch=again, **options)
    assert again.words == [("begin", len(comparison.runs), None)]


def test_a_study_without_a_pair_cannot_be_settled(tmp_path: Path) -> None:
    """It is said before anything is trained."""
    with pytest.raises(SpecError, match="nothing to settle"):
        normlab.compare(out=tmp_path, **{**TINY, "until_settled": True})


def test_a_study_is_judged_anew_without_training(tmp_path: Path) -> None:
    """Another margin changes the verdict and the stored spec, and trains nothing."""
    options = {**TINY, "norms": ["bn", "gn:4"], "seeds": 3}
    first = normlab.compare(out=tmp_path, **options)
    again = normlab.reopen(first.folder, margin=99.0)
    assert again.comparison.study.verdict.margin == 99
    assert "margin = 99" in (first.folder / "study.toml").read_text()
    heard = Heard()
    normlab.compare(out=tmp_path, watch=heard, **options)
    assert heard.words == [("begin", 6, 0)]


def test_preprocessings_are_trained_side_by_side(tmp_path: Path) -> None:
    """One process serves them all; each has a record of its own, and the report shows the stored images."""
    options = {**TINY, "seeds": 1, "preprocess": ["none", "equalize", "clahe"]}
    result = normlab.compare(out=tmp_path, workers=1, **options)
    assert sorted(run.arm for run in result.comparison.runs) == ["gn:4 + clahe", "gn:4 + equalize", "gn:4 + none"]
    assert len({run.probabilities.tobytes() for run in result.comparison.runs}) == 3
    stored = normlab.data.load("mnist").test_images
    assert np.array_equal(result.comparison.images, stored)


def test_a_choice_is_tested_on_images_as_its_network_saw_them(tmp_path: Path) -> None:
    """Along λ with a preprocessing of its own: the test accuracy is the run's own judge's, with the same images."""
    options = {**TINY, "l1": [0, 1e-3], "train_images": 1000, "warm_start": True, "preprocess": "equalize", "seeds": 1}
    comparison = normlab.compare(out=tmp_path / "held", holdout=1000, **options).comparison
    plain = next(run for run in comparison.runs if run.arm == "gn:4")
    job = replace(execution.job(comparison.study, comparison.study.arms[0], 0), start=plain.weights)
    data = normlab.data.load("mnist")
    feed = PlainFeed(prepare(data, "equalize"), design().recipe, 0, torch.device("cpu"))
    judged = judge_model(models.build(job), feed.judged(), torch.contiguous_format)
    assert comparison.tested["gn:4"] == [100 * judged.correct / 10_000]


def test_a_missing_dependency_stops_a_study_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched or trained where an arm's images cannot be made."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(DataError, match=r"normlab\[images\]"):
        normlab.compare(out=tmp_path, **{**TINY, "preprocess": ["none", "clahe"]})
    assert not list(tmp_path.iterdir())
