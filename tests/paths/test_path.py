from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import normlab
from normlab.errors import SpecError
from normlab.paths import path
from normlab.paths.ceiling import Tried
from normlab.paths.walk import design
from normlab.report.view import build
from normlab.store import Store
from normlab.study import StudyResult

pytestmark = [pytest.mark.usefixtures("mnist"), pytest.mark.timeout(240)]

QUICK = {"epochs": 1, "train_images": 2_000, "holdout": 1_000, "name": "quick"}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """A short path of two penalties on two seeds."""
    out = tmp_path_factory.mktemp("path")
    return path("bn", ["prox", "subgrad"], lambdas=[3e-2, 1e-3, 3e-1], seeds=2, out=out, **QUICK)


def test_the_largest_lambda_is_found_by_leaving_nothing() -> None:
    """Each λ tried leaves less than the one before, and the last leaves nothing."""
    tried: list[Tried] = []
    study = design("bn", ["prox", "subgrad"], seeds=1, points=3, tell=tried.append, **QUICK)
    assert tried[-1].left == 0
    assert all(one.left > 0 for one in tried[:-1])
    assert {one.kind for one in tried} == {"prox"}, "a subgradient's path has the same λ"
    assert max(arm.lam for arm in study.arms) == tried[-1].lam
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


def test_each_lambda_starts_from_the_network_of_the_one_below(walked: StudyResult) -> None:
    """Trained again alone from those weights, a run of the path has the same bits."""
    from dataclasses import replace

    from normlab import execution
    from normlab.data import load

    study = walked.comparison.study
    below, here = (walked.comparison.of(f"bn + prox {lam}")[0] for lam in ("0.001", "0.03"))
    job = execution.job(study, study.arm(here.arm), here.seed, here.environment.engine)
    records: list[normlab.RunRecord] = []
    execution.run_all([replace(job, start=below.weights)], records.append, lambda _job, _event: None)
    assert np.array_equal(records[0].probabilities, here.probabilities)
    assert load("mnist").digest == here.environment.data


def test_the_same_path_trains_nothing_twice(walked: StudyResult) -> None:
    """Every run is in the store, so nothing begins, and the choice is not tested anew."""

    class Refusing(normlab.study.StudyWatch):
        def kept(self, record: normlab.RunRecord) -> None:
            raise AssertionError(f"{record.arm} was trained again")

    written = (walked.folder / "tested.json").stat().st_mtime_ns
    again = normlab.compare(walked.comparison.study, out=walked.folder.parent, watch=Refusing())
    assert len(again.comparison.runs) == 2 * (1 + 3 * 2)
    assert (walked.folder / "tested.json").stat().st_mtime_ns == written
    assert again.comparison.tested == walked.comparison.tested


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


def test_a_broken_test_file_is_told_plainly(walked: StudyResult) -> None:
    """With the way out."""
    file = walked.folder / "tested.json"
    kept = file.read_text()
    file.write_text("[]")
    try:
        with Store.at(walked.folder) as store, pytest.raises(normlab.NormlabError, match="delete it to test"):
            store.tested()
    finally:
        file.write_text(kept)


def test_a_path_stopped_in_the_middle_goes_on_where_it_was(tmp_path: Path, walked: StudyResult) -> None:
    """The runs that are there are kept, and the rest starts from the last of them."""
    study = walked.comparison.study
    with Store.for_study(tmp_path, study) as store:
        for run in walked.comparison.runs[:7]:
            store.commit(run)
    again = normlab.compare(study, out=tmp_path)
    for mine, theirs in zip(again.comparison.runs, walked.comparison.runs, strict=True):
        assert (mine.arm, mine.seed) == (theirs.arm, theirs.seed)
        assert np.array_equal(mine.probabilities, theirs.probabilities)
