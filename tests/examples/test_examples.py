from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = [pytest.mark.long, pytest.mark.training, pytest.mark.usefixtures("mnist"), pytest.mark.timeout(200)]


@pytest.mark.parametrize("kind", ["subgrad", "prox", "spred", "group", "gamma", "l2", "elastic"])
def test_the_loop_serves_every_kind(kind: str) -> None:
    """It learns something with each, and only a proximal step on weights leaves zeros in so short a time."""
    loop = runpy.run_path(str(EXAMPLES / "sparse_loop.py"))
    zero, right = loop["main"](kind, 1e-2, images=3_000)
    assert (zero > 1) == (kind in ("prox", "elastic", "group"))
    assert right > 50


def test_the_study_runs_to_its_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a table, findings, the smaller network and where the reports are."""
    study = runpy.run_path(str(EXAMPLES / "l1_study.py"))["main"]
    study.__globals__["QUICK"]["train_images"] = 600
    study(tmp_path)
    told = capsys.readouterr().out
    assert "| bn + prox 0.001 |" in told
    assert "L1: not one weight is exactly zero" in told
    assert "On test images, looked at once" in told
    assert "Reports: " in told
