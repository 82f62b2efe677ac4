from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import normlab
from normlab import training
from normlab.data import Dataset
from normlab.errors import DamagedRun, SpecError
from normlab.events import Event, LambdaTried
from normlab.report.view import build
from normlab.store import Store
from normlab.verbs.path import design, path
from normlab.verbs.results import StudyResult

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("mnist"), pytest.mark.timeout(400), pytest.mark.training]

QUICK: dict[str, Any] = {"epochs": 1, "train_images": 2_000, "holdout": 1_000, "name": "quick"}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """A short path of two penalties on two seeds."""
    out = tmp_path_factory.mktemp("path")
    return path("bn", ["prox", "subgrad"], lambdas=[3e-2, 1e-3, 3e-1], seeds=2, out=out, **QUICK)


def test_the_largest_lambda_is_found_by_leaving_nothing() -> None:
    """Each λ tried leaves less than the one before, and the last leaves nothing."""
    events: list[Event] = []
    study = design("bn", ["prox", "subgrad"], seeds=1, points=3, tell=events.append, **QUICK)
    tried = [event for event in events if isinstance(event, LambdaTried)]
    assert tried[-1].left == 0
    assert all(one.left > 0 for one in tried[:-1])
    assert {one.kind for one in tried} == {"prox"}, "a subgradient's path has the same λ"
    assert max(arm.recipe.penalty.lam for arm in study.arms) == tried[-1].lam
    assert len(study.arms) == 1 + 3 * 2


def test_l2_has_no_lambda_that_leaves_nothing() -> None:
    """It never makes a zero, so the values have to be given."""
    with pytest.raises(SpecError, match="l2 has none: give the values with --lambdas"):
        design("bn", ["l2"], **QUICK)


@pytest.mark.parametrize("bad", [[0.0, 1e-3], [-1.0]])
def test_lambdas_have_to_be_above_zero(bad: list[float]) -> None:
    """The arm without a penalty is there anyway."""
    with pytest.raises(SpecError, match="numbers above 0"):
        design("bn", ["prox"], lambdas=bad, **QUICK)


def test_a_path_needs_a_penalty() -> None:
    """None is no path."""
    with pytest.raises(SpecError, match="expected at least one kind, got none"):
        design("bn", [], lambdas=[1e-3], **QUICK)


def test_each_lambda_starts_from_the_network_of_the_one_below(walked: StudyResult, mnist: Dataset) -> None:
    """Trained again alone from those weights, a run of the path has the same bits."""
    import torch

    below, here = (walked.comparison.of(f"bn + prox {lam}")[0] for lam in ("0.001", "0.03"))
    assert here.job.after == below.key
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        again = training.train(replace(here.job, start=below.weights), mnist)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(again.probabilities, here.probabilities)
    assert mnist.digest == here.environment.data


def test_the_same_path_trains_nothing_twice(walked: StudyResult) -> None:
    """Every run is in the store, and the choice is not tested anew."""
    project = walked.folder.parent
    again = normlab.compare("quick", out=project)
    assert (again.kept, again.trained) == (2 * (1 + 3 * 2), 0)
    assert again.comparison.tested == walked.comparison.tested
    with closing(sqlite3.connect(project / "runs.db")) as db:
        assert db.execute("SELECT count(*) FROM tested").fetchone() == (2 * len(walked.comparison.tested),)


def test_only_what_is_chosen_is_tested(walked: StudyResult) -> None:
    """The arm without a penalty and one λ of each path, on every seed."""
    assert set(walked.comparison.tested) == {
        "bn",
        *(f.choice.chosen.name for f in build(walked.comparison).facts.paths),
    }
    assert all(len(values) == 2 for values in walked.comparison.tested.values())


def test_a_subgradient_leaves_no_zero_where_prox_does(walked: StudyResult) -> None:
    """At every λ, on real images."""
    prox, subgrad = build(walked.comparison).facts.paths
    assert prox.points[-1].zero.mean > 50
    assert all(point.zero.mean == 0 for point in subgrad.points)
    assert "L1: not one weight is exactly zero" in " ".join(build(walked.comparison).findings)


def test_the_report_draws_the_path(walked: StudyResult) -> None:
    """Accuracy against λ and zeros, and single weights."""
    page = walked.report.read_text()
    for name in ("path-lambda", "path-zeros", "path-weights-prox"):
        assert f'id="{name}"' in page


@pytest.fixture
def stopped(tmp_path: Path, walked: StudyResult) -> Path:
    """The same project, had its path been stopped in the middle."""
    with Store.open(tmp_path) as store:
        for run in walked.comparison.runs[:7]:
            store.commit(run)
    return tmp_path


def test_a_path_stopped_in_the_middle_goes_on_where_it_was(stopped: Path, walked: StudyResult) -> None:
    """The runs that are there are kept, the rest starts from the last of them; a test that was edited is noticed."""
    again = normlab.compare(walked.comparison.study, out=stopped)
    assert (again.kept, again.trained) == (7, 7)
    for mine, theirs in zip(again.comparison.runs, walked.comparison.runs, strict=True):
        assert (mine.arm, mine.seed) == (theirs.arm, theirs.seed)
        assert np.array_equal(mine.probabilities, theirs.probabilities)
    with closing(sqlite3.connect(stopped / "runs.db")) as db, db:
        db.execute("UPDATE tested SET correct = correct + 1")
    with pytest.raises(DamagedRun, match="bn · seed 0"):
        normlab.compare("quick", out=stopped)
