from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]


def test_a_check_says_what_claims_says(normlab: Run, tmp_path: Path) -> None:
    """To the letter, and nothing is trained."""
    (tmp_path / "t.csv").write_text("name,accuracy,n\nbatch,99.22,10000\nlayer,99.28,10000\ngroup,99.34,10000\n")
    told, claims = normlab("assignment", "--check", "t.csv"), normlab("claims", "t.csv")
    assert (told.returncode, told.stdout) == (0, claims.stdout)
    assert told.stdout.startswith("Not enough evidence for any of the 3 claimed differences.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--check", "nothing.csv"], "error: cannot read the claims nothing.csv: "),
        (["--norms", "batchform"], "error: unknown norm 'batchform'"),
        (["--norms", ","], "error: --norms: expected names with commas between them"),
        (["--out", "mine.txt"], "error: cannot write the hand-in to mine.txt: mine.txt is a file"),
        (["--l1", "-1"], "error: "),
        (["--seeds", "two"], "error: --seeds: expected how many"),
    ],
)
def test_bad_input_is_one_line(normlab: Run, tmp_path: Path, given: list[str], said: str) -> None:
    """With what came, and a non-zero exit; nothing is made."""
    (tmp_path / "mine.txt").write_text("mine")
    result = normlab("assignment", *given)
    assert result.returncode == 2
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
