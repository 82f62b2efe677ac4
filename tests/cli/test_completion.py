"""What the Tab key completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from normlab.spec import design


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two studies, one of three arms."""
    for name, norms in (("mine", ["bn", "gn:4", "gn:2"]), ("other", ["ln"])):
        (tmp_path / "normlab-out" / name).mkdir(parents=True)
        note = design(name=name, norms=norms).to_toml()
        (tmp_path / "normlab-out" / name / "study.toml").write_text(note, encoding="utf-8")
    return tmp_path


def completed(project: Path, *words: str) -> list[str]:
    """What a shell offers for the last of these words."""
    asked = {
        "_NORMLAB_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["normlab", *words]),
        "COMP_CWORD": str(len(words)),
    }
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv[0] = 'normlab'; from normlab.cli import app; app(prog_name='normlab')",
    ]
    done = subprocess.run(
        command, cwd=project, env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.long
def test_studies_of_the_project_are_offered(project: Path) -> None:
    """Those that begin as the word does."""
    assert {"mine", "other"} <= set(completed(project, "report", ""))
    assert completed(project, "report", "mi") == ["mine"]


@pytest.mark.slow
def test_arms_of_the_study_are_offered(project: Path) -> None:
    """Of the one that is named before."""
    assert completed(project, "export", "mine", "--arm", "gn") == ["gn:4", "gn:2"]


@pytest.mark.long
def test_a_study_that_cannot_be_read_offers_nothing(project: Path) -> None:
    """Nor does a folder that is not there; the command itself tells what is wrong."""
    (project / "normlab-out" / "mine" / "study.toml").write_text("not = [toml")
    assert completed(project, "export", "mine", "--arm", "g") == []
    assert completed(project, "export", "--project", "nowhere", "m") == []
