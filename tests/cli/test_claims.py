from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Run = Callable[..., CompletedProcess[str]]


def test_claims_are_told_and_given_to_programs(normlab: Run, tmp_path: Path) -> None:
    """The course's three numbers as sentences and as JSON."""
    (tmp_path / "t.csv").write_text("name,accuracy,n\nbatch,99.22,10000\nlayer,99.28,10000\ngroup,99.34,10000\n")
    told = normlab("claims", "t.csv")
    assert told.returncode == 0
    assert told.stdout.startswith("Not enough evidence for any of the 3 claimed differences.\n")
    rows = json.loads(normlab("claims", "t.csv", "--format", "json").stdout)
    assert [row["verdict"] for row in rows] == ["not enough evidence"] * 3


def test_a_bad_table_is_one_line(normlab: Run, tmp_path: Path) -> None:
    """And a non-zero exit."""
    (tmp_path / "t.csv").write_text("name,accuracy,n\nbatch,101,10000\nlayer,99.28,10000\n")
    result = normlab("claims", "t.csv")
    assert result.returncode == 2
    assert result.stderr == "error: t.csv, line 2: accuracy: expected a number from 0 to 100, got 101\n"


def test_a_sign_that_may_be_either_is_asked_for(normlab: Run, tmp_path: Path) -> None:
    """One line with the option that says it, which then is enough; another word is refused."""
    (tmp_path / "t.csv").write_text("name,accuracy,n,seeds\na,99.3 ± 0.02,10000,9\nb,99.1 ± 0.02,10000,9\n")
    refused = normlab("claims", "t.csv")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "--plus-minus sd or se" in refused.stderr
    assert normlab("claims", "t.csv", "--plus-minus", "sd").stdout.startswith("The claimed difference is supported.\n")
    other = normlab("claims", "t.csv", "--plus-minus", "ci")
    assert (other.returncode, other.stderr.count("\n")) == (2, 1)
