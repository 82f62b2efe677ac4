from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_a_sound_study_exits_with_zero(normlab: Run) -> None:
    """And says that nothing was found."""
    result = normlab("lint")
    assert (result.returncode, result.stdout) == (0, "0 errors, 0 warnings\n")


@pytest.mark.slow
def test_an_error_exits_with_one(normlab: Run, tmp_path: Path) -> None:
    """Norms under different penalties: what, where, why and the fix, as text and as JSON."""
    (tmp_path / "s.toml").write_text('arms = [{norm = "bn"}, {norm = "ln", penalty = {lambda = 1e-4}}]')
    told, given = normlab("lint", "s.toml"), normlab("lint", "s.toml", "--format", "json")
    assert told.returncode == given.returncode == 1
    assert told.stdout.startswith("error: norms have different penalties (bn: L1 0, L2 0.001; ln: L1 0.0001, L2 0.001)")
    assert told.stdout.endswith("1 error, 0 warnings\n")
    (finding,) = json.loads(given.stdout)
    assert {"code", "severity", "where", "what", "why", "fix"} == finding.keys()


@pytest.mark.training
@pytest.mark.long
def test_a_study_is_looked_at_before_it_starts(normlab: Run) -> None:
    """`compare` says what it found and goes on; the report has it too."""
    small = [
        "--norms",
        "bn",
        "--l1",
        "1e-4,1e-3",
        "--seeds",
        "1",
        "--train-images",
        "256",
        "--epochs",
        "1",
    ]
    result = normlab("compare", *small)
    assert result.returncode == 0
    first = result.stderr.splitlines()[0]
    assert first.startswith("warning: λ = 0.0001, 0.001 are compared on the test set (bn); choose λ with --holdout")
