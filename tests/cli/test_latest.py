"""Commands that are about a study, where none is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.slow  # a network is exported

Run = Callable[..., CompletedProcess[str]]
SAID = "Study: first, the latest in normlab-out\n"


@pytest.mark.usefixtures("project")
@pytest.mark.long
def test_the_report_of_the_latest_study_is_written(normlab: Run) -> None:
    """One line on stderr says which that is; what is printed is as if it had been named."""
    without, named = normlab("report"), normlab("report", "first")
    assert (without.returncode, without.stdout) == (0, named.stdout)
    assert (without.stderr, named.stderr) == (SAID, "")


@pytest.mark.usefixtures("project")
@pytest.mark.long
def test_a_folder_of_its_name_elsewhere_is_not_taken_for_it(normlab: Run, tmp_path: Path) -> None:
    """The latest study lies in the project."""
    (tmp_path / "first").mkdir()
    assert normlab("report").returncode == 0


@pytest.mark.long
@pytest.mark.usefixtures("project")
def test_the_latest_study_is_exported_and_made_smaller(normlab: Run) -> None:
    """`export` and `compact` take it too."""
    for command in ("export", "compact"):
        done = normlab(command, "--arm", "bn", "--no-onnx")
        assert (done.returncode, done.stderr) == (0, SAID)
        assert "Written: normlab-out/first/" in done.stdout


def test_without_a_study_the_error_says_how_to_make_one(normlab: Run) -> None:
    """In one line."""
    done = normlab("report")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "normlab compare" in done.stderr
    assert len(done.stderr.splitlines()) == 1
