from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normlab.bench import Contest
from normlab.cli import app
from normlab.data import Dataset


def test_a_cut_keeps_the_share_of_evaluation(mnist: Dataset) -> None:
    """One image is judged for six trained on, as in a whole epoch."""
    data = Contest(batches=12).cut(mnist)
    assert (len(data.train_labels), len(data.test_labels)) == (1536, 256)


@pytest.mark.slow  # a cold start takes a fresh process, and every core has a worker of its own
@pytest.mark.usefixtures("mnist")
@pytest.mark.timeout(240)
@pytest.mark.long
def test_a_contest_measures_everyone_and_leaves_its_figures(tmp_path: Path) -> None:
    """The smallest contest ends in a table, a chart and a file with every round."""
    done = CliRunner().invoke(
        app, ["bench", "--norms", "bn", "--rounds", "1", "--batches", "2", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "bench.json").read_text())
    assert [timing["contestant"] for timing in kept["timings"]] == ["course loop", "eager", "lanes"]
    assert all(rate > 0 for timing in kept["timings"] for rate in timing["images_per_second"])
    assert kept["cached"]["bn"] < kept["cold"]["bn"]
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    assert "| bn | lanes |" in (tmp_path / "bench.md").read_text()


def test_an_unknown_norm_is_one_clear_line() -> None:
    """Nothing is measured for a name that is not there."""
    done = CliRunner().invoke(app, ["bench", "--norms", "bm"])
    assert done.exit_code != 0
    assert "did you mean bn" in str(done.exception)
