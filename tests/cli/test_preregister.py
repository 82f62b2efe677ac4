"""`normlab preregister`: a file for people, and a sentence in the report."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from normlab.spec import design
from normlab.spec.registered import read

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The file of a study that nobody has begun."""
    path = tmp_path / "mine.toml"
    path.write_text(design(name="mine", norms=["bn", "ln"], seeds=5).to_toml(), encoding="utf-8")
    return path


def told(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(done.stdout.split())


def refused(done: subprocess.CompletedProcess[str], said: str) -> None:
    """With an exit code and one line."""
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split())
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_study_is_registered_before_it_is_begun(normlab: Run, study: Path, tmp_path: Path) -> None:
    """The command says when, where and the digest, and the file has the design."""
    done = normlab("preregister", str(study))
    file = tmp_path / "normlab-out" / "mine.registered.toml"
    found = read(file)
    assert done.returncode == 0
    assert f"Registered on {found.registered[:10]}, before any of its runs was trained" in told(done)
    assert found.digest == found.design.digest
    assert found.digest in done.stdout
    assert (found.design.seeds, [*found.design.arms]) == ((0, 1, 2, 3, 4), ["bn", "ln"])
    assert not (tmp_path / "normlab-out" / "mine").exists()


def test_the_same_again_leaves_the_file(normlab: Run, study: Path, tmp_path: Path) -> None:
    """Its date stands."""
    normlab("preregister", str(study))
    file = tmp_path / "normlab-out" / "mine.registered.toml"
    before = file.read_bytes()
    assert "Already so registered" in told(normlab("preregister", str(study)))
    assert file.read_bytes() == before


def test_another_design_under_its_name_is_refused(normlab: Run, study: Path) -> None:
    """What differs is said, and the way out."""
    normlab("preregister", str(study))
    study.write_text(design(name="mine", norms=["bn", "ln"], seeds=8, margin=0.2).to_toml(), encoding="utf-8")
    done = normlab("preregister", str(study))
    refused(done, "mine is registered with another design")
    assert "the margin is 0.2 points, not 0.1 points; there are 8 seeds, not 5 seeds" in done.stderr
    assert "give this one another name" in done.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.long
def test_the_report_says_so_or_what_differs(normlab: Run) -> None:
    """On the terminal, in JSON and on the page; runs that were there before are counted."""
    assert "after 4 of its runs were trained" in told(normlab("preregister", "first"))
    kept = told(normlab("report", "first"))
    assert "As registered on 20" in kept
    assert "after 4 of its runs were trained." in kept
    assert "As registered on 20" in Path("normlab-out/first/report.html").read_text(encoding="utf-8")
    found = json.loads(normlab("report", "first", "--margin", "0.2", "--format", "json").stdout)["registered"]
    assert (found["trained"], found["differences"]) == (4, ["the margin is 0.2 points, not 0.1 points"])
    assert "Not as registered on 20" in Path("normlab-out/first/report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("project")
@pytest.mark.slow
def test_an_edited_file_is_refused_wherever_it_is_read(normlab: Run) -> None:
    """By the report, before a run is trained, and by the command itself; without the file all is as before."""
    normlab("preregister", "first")
    file = Path("normlab-out/first.registered.toml")
    file.write_text(file.read_text(encoding="utf-8").replace("margin = 0.1", "margin = 5.0"), encoding="utf-8")
    commands = "report first", "compare first --seeds 3", "preregister first", "worker first", "submit first --slurm"
    for command in map(str.split, commands):
        refused(normlab(*command), "first.registered.toml was changed after it was written")
    file.unlink()
    assert "registered" not in told(normlab("report", "first"))


@pytest.mark.usefixtures("project")
def test_a_registration_goes_where_its_study_is_merged(normlab: Run) -> None:
    """Byte by byte; one that was changed is told after the runs were kept, and does not come."""
    normlab("preregister", "first")
    file = Path("normlab-out/first.registered.toml")
    assert told(normlab("merge", "normlab-out", "--out", "all")).startswith("4 runs new")
    assert Path("all/first.registered.toml").read_bytes() == file.read_bytes()
    file.write_text(file.read_text(encoding="utf-8").replace("margin = 0.1", "margin = 5.0"), encoding="utf-8")
    refused(normlab("merge", "normlab-out", "--out", "other"), "first.registered.toml was changed after it was written")
    assert not Path("other/first.registered.toml").exists()
    file.write_bytes(Path("all/first.registered.toml").read_bytes())
    assert told(normlab("merge", "normlab-out", "--out", "other")).startswith("0 runs new, 4 here before")
    assert Path("other/first.registered.toml").read_bytes() == file.read_bytes()


@pytest.mark.usefixtures("project")
@pytest.mark.slow
def test_a_file_of_something_else_is_refused(normlab: Run, study: Path) -> None:
    """No registration, or that of another study."""
    file = Path("normlab-out/first.registered.toml")
    file.write_text("seeds = 3\n", encoding="utf-8")
    refused(normlab("report", "first"), "is no registration")
    normlab("preregister", str(study))
    Path("normlab-out/mine.registered.toml").replace(file)
    refused(normlab("report", "first"), "is that of a study called 'mine'")


@pytest.mark.parametrize("given", ["nowhere", "nowhere.toml"])
def test_a_study_that_is_not_there_is_refused(normlab: Run, given: str) -> None:
    """As by every command."""
    refused(normlab("preregister", given), f"no study '{given}'")


def test_a_study_that_cannot_be_trained_is_refused(normlab: Run, study: Path, tmp_path: Path) -> None:
    """Groups that do not divide the channels: now, and not when it is begun."""
    study.write_text(design(name="mine", norms=["bn", "gn:7"], seeds=5).to_toml(), encoding="utf-8")
    refused(normlab("preregister", str(study)), "gn:7 does not fit layer")
    assert not (tmp_path / "normlab-out").exists()
