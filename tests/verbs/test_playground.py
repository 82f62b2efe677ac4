from __future__ import annotations

from pathlib import Path

import pytest
from projects import finished, kept
from typer.testing import CliRunner

import normlab
from normlab.cli import app
from normlab.data import Dataset
from normlab.errors import StoreError
from normlab.spec import design

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def project(mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one run, trained on a few digits, and one of which nothing is."""
    out, fields = tmp_path_factory.mktemp("project"), {"epochs": 1, "train_images": 500, "engine": "eager"}
    finished(out, design(norms=["bn"], l1=[0.0], seeds=[0], name="s", **fields), mnist)
    kept(out, design(norms=["ln"], l1=[0.0], seeds=[0], name="none", **fields), mnist, [])
    return out


@pytest.mark.long
def test_the_report_has_a_playground_for_the_asking(project: Path) -> None:
    """With the flag the page has it, and written anew without the flag it is the page that it was before."""
    page = project / "s" / "report.html"
    normlab.reopen("s", out=project)
    before = page.read_bytes()
    said = CliRunner().invoke(app, ["report", "s", "--playground", "--out", str(project)])
    assert said.exit_code == 0
    assert 'id="playground"' in page.read_text("utf-8")
    assert len(page.read_bytes()) - len(before) < 150_000
    normlab.reopen("s", out=project)
    assert page.read_bytes() == before


@pytest.mark.long
def test_without_a_finished_run_there_is_nothing_to_play_with(project: Path) -> None:
    """One line says so and what to do."""
    with pytest.raises(StoreError, match="no run is finished; train first: normlab compare none"):
        normlab.reopen("none", out=project, playground=True)
