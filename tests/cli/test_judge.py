from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from typer.testing import CliRunner

from normlab.cli import app

Run = Callable[..., CompletedProcess[str]]
TABLE = """\
norm,seed,acc
bn,1,99.31
bn,2,99.25
bn,3,99.36
gn:4,1,99.43
gn:4,2,99.37
gn:4,3,99.46
ln,1,99.33
ln,2,99.31
ln,3,99.32
"""


def test_a_table_is_judged_in_few_lines(normlab: Run, tmp_path: Path) -> None:
    """How it was read, the answer, the arms, and a sentence for each pair."""
    (tmp_path / "runs.csv").write_text(TABLE)
    told = normlab("judge", "runs.csv")
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "arm: norm · seed: seed · score: acc, higher is better · margin 0.1"
    assert lines[1].startswith("gn:4 is better than bn by 0.113")
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 80


def test_options_say_what_is_what(normlab: Run, tmp_path: Path) -> None:
    """Columns, direction, margin, level, baseline, and JSON for programs."""
    (tmp_path / "runs.csv").write_text(TABLE.replace("norm,seed,acc", "who,nr,quality"))
    words = "--arm who --seed nr --score quality --lower-is-better --margin 0.2 --level 0.9 --baseline bn --format json"
    found = json.loads(normlab("judge", "runs.csv", *words.split()).stdout)
    assert [pair["second"] for pair in found["pairs"]] == ["bn", "bn"]
    assert found["lower_is_better"] is True
    assert (found["margin"], found["level"]) == (0.2, 0.9)
    assert found["layout"]["seed"] == "nr"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.csv"], "error: cannot read the table none.csv: no such file or directory\n"),
        (
            ["runs.csv", "--arm", "nrom"],
            "error: unknown column 'nrom': did you mean norm? columns are acc, norm, seed\n",
        ),
        (
            ["runs.csv", "--level", "2"],
            "error: level: expected a number above 0.5 and below 1, for instance 0.95, got 2\n",
        ),
    ],
)
def test_bad_input_is_one_line(normlab: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    """And a non-zero exit."""
    (tmp_path / "runs.csv").write_text(TABLE)
    result = normlab("judge", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", said)


def test_the_runs_of_a_project_can_be_judged(normlab: Run, project: Path) -> None:
    """`normlab runs --format csv` writes a table that is read as it is."""
    (project.parent / "runs.csv").write_text(normlab("runs", "first", "--format", "csv").stdout)
    told = normlab("judge", "runs.csv")
    assert told.stdout.startswith("arm: arm · seed: seed · score: accuracy, higher is better · margin 0.1\n"), (
        told.stderr
    )


def test_help_says_what_it_does() -> None:
    """With an example."""
    told = CliRunner().invoke(app, ["judge", "--help"]).output
    assert "normlab judge results.csv" in told
