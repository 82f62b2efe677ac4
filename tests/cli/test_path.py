from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
QUICK = ["path", "ln", "--epochs", "1", "--train-images", "1500", "--holdout", "1000", "--seeds", "2"]

pytestmark = pytest.mark.training


@pytest.mark.long
def test_a_path_tells_what_was_chosen(normlab: Run, tmp_path: Path) -> None:
    """The table, the choice, what it was worth on test images, and the report."""
    result = normlab(*QUICK, "--penalty", "prox,subgrad", "--lambdas", "1e-3,1e-2")
    assert result.returncode == 0, result.stderr
    assert "How sparse for free?" in result.stdout
    assert "% of test images right" in " ".join(result.stdout.split())
    assert (tmp_path / "normlab-out" / "path" / "report.html").exists()
    again = normlab("report", "path")
    assert again.stdout.splitlines()[:-1] == result.stdout.splitlines()[:-1]


@pytest.mark.long
def test_the_search_for_the_largest_lambda_is_told(normlab: Run) -> None:
    """On stderr, so that the study itself can be kept as a file."""
    result = normlab(*QUICK, "--points", "2", "--print-toml")
    assert result.returncode == 0, result.stderr
    assert "leaves 0.0% of the sparsest layer" in result.stderr
    assert "warm_start = true" in result.stdout
