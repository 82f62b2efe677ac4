"""`normlab compare --tune`: what is asked wrongly is said in a line, before anything is trained."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trials", "4"], "--trials goes with --tune"),
        (["--tuning-seeds", "4"], "--tuning-seeds goes with --tune"),
        (["--tune", "lr"], "--tune: expected FIELD=VALUE"),
        (["--tune", "lrr=1,2"], "did you mean"),
        (["--tune", "lr=0.1"], "one value alone"),
        (["--tune", "lr=0.1,0.2", "--tune", "optimizer.lr=1,2"], "it stands twice"),
        (["--tune", "lr=0.01..1"], "say how many with --trials"),
        (["--tune", "norm=bn,ln"], "the study asks about it"),
        (["--tune", "holdout=10,20"], "decides on the images"),
        (["--tune", "lr=0.1,0.2", "--serve"], "--serve shows one study"),
        (["--tune", "lr=-1,0.2"], "optimizer.lr"),
    ],
)
def test_it_is_refused_in_one_line(normlab: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    """With the way out, and nothing trained."""
    done = normlab("compare", "--norms", "bn,ln", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode != 0
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
