"""Trained norms are looked at once every run is finished, and what is found is remembered with the runs."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.verbs.rehearsal import Hall

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("mnist"), pytest.mark.training]

TINY: dict[str, Any] = {"epochs": 1, "train_images": 128, "holdout": 128, "engine": "eager", "workers": 1}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of batch norm with small batches, and layer norm."""
    out = tmp_path_factory.mktemp("checkups")
    normlab.compare(out=out, norms=["bn", "ln"], seeds=2, name="small", batch_size=8, **TINY)
    return out


def test_every_run_is_looked_at_and_kept(project: Path) -> None:
    """Those with running statistics have both accuracies; reopening looks at no network."""
    comparison = normlab.reopen("small", out=project).comparison
    found = {(run.arm, run.seed): comparison.checkups[run.key] for run in comparison.runs}
    assert all(one.trained == 128 for (arm, _), one in found.items() if arm == "bn")
    assert all((one.trained, one.where) == (0, "") for (arm, _), one in found.items() if arm == "ln")
    assert all(one.parts > 0 for one in found.values())


def test_looking_is_done_once(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study that grows looks at what is new."""
    looked: list[object] = []
    real = normlab.verbs.checkups.check_up
    monkeypatch.setattr("normlab.verbs.checkups.check_up", lambda *given: looked.append(given) or real(*given))
    out = Path(shutil.copytree(project, tmp_path / "out"))
    normlab.compare("small", out=out, workers=1)
    assert len(looked) == 0
    normlab.compare("small", out=out, seeds=3, workers=1)
    assert len(looked) == 2


def test_what_a_run_got_right_is_what_it_was_judged_with(project: Path) -> None:
    """Of the images that are looked at, its own predictions."""
    comparison = normlab.reopen("small", out=project).comparison
    run = comparison.of("bn")[0]
    assert comparison.checkups[run.key].right == int((run.predictions == comparison.labels).sum())


def test_a_study_that_settles_early_is_looked_at_too(tmp_path: Path) -> None:
    """Nothing is owed then, though seeds are left."""
    settled = {**TINY, "until_settled": True, "margin": 99.0, "seeds": 30}
    result = normlab.compare(out=tmp_path, norms=["bn", "gn:4"], **settled)
    assert result.comparison.owed > 0
    assert result.comparison.checkups


def test_a_network_that_cannot_be_looked_at_costs_nobody_the_report(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run is finished and judged."""
    monkeypatch.setattr("normlab.verbs.checkups.check_up", lambda *_: 1 // 0)
    out = Path(shutil.copytree(project, tmp_path / "out"))
    result = normlab.compare("small", out=out, seeds=3, workers=1)
    assert len(result.comparison.checkups) == 4
    assert result.report.exists()


def test_a_budget_is_for_training_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the rehearsal takes, some run is started."""
    real = Hall.rehearsed
    monkeypatch.setattr(Hall, "rehearsed", lambda *given: (time.sleep(2), real(*given))[1])
    settled = {**TINY, "until_settled": True, "margin": 0.1, "seeds": 30, "budget": 1.0}
    assert normlab.compare(out=tmp_path, norms=["bn", "gn:4"], **settled).trained > 0
