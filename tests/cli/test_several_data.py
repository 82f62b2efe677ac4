from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from own_images import noise, write_folders

from normlab.cli.several_data import datasets
from normlab.data import cache

Run = Callable[..., CompletedProcess[str]]
FAST = ["--norms", "bn,ln", "--seeds", "2", "--epochs", "1", "--engine", "eager", "--workers", "1"]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two folders of images, with a comma between them."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    for name, classes in (("one", 3), ("two", 4)):
        write_folders(tmp_path / name, noise(side=28, classes=classes))
    return "one,two"


@pytest.mark.training
def test_one_command_compares_on_every_data_set_and_over_all(normlab: Run, two: str, tmp_path: Path) -> None:
    """The answer over all first, then pairs by data sets; its report and those of each are there, and can be redone."""
    done = normlab("compare", *FAST, "--data", two, "--name", "both")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Over 2 data sets: ")
    assert "Report: normlab-out/both/report.html" in done.stdout
    for name in ("both", "both-one", "both-two"):
        assert (tmp_path / "normlab-out" / name / "report.html").is_file()
    again = normlab("report", "both", "--margin", "3", "--format", "json")
    found = json.loads(again.stdout)
    assert (found["suite"], found["outcome"]["margin"], found["kept"]) == ("both", 3, 8)
    assert [each["data"] for each in found["data"]] == ["one", "two"]
    refused = normlab("report", "both", "--playground")
    assert refused.returncode == 2
    assert "--playground goes with one data set" in refused.stderr
    for command in ("export", "runs", "plan"):
        refused = normlab(command, "both")
        assert "both is on several data sets: give one of its studies, both-one, both-two" in refused.stderr


def test_its_file_is_printed_and_nothing_is_trained(normlab: Run, two: str, tmp_path: Path) -> None:
    """What is printed is taken back."""
    done = normlab("compare", *FAST, "--data", two, "--print-toml")
    assert done.returncode == 0, done.stderr
    (tmp_path / "suite.toml").write_text(done.stdout)
    assert normlab("compare", "suite.toml", "--print-toml").stdout == done.stdout
    assert not (tmp_path / "normlab-out").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--serve"], "--serve shows one study"),
        (["--until-settled"], "until_settled goes with one data set"),
        (["--tune", "lr=0.1,0.2"], "tune goes with one data set"),
        (["--max-seeds", "9"], "--max-seeds goes with --until-settled"),
        (["--budget", "9s"], "--budget goes with --until-settled"),
    ],
)
def test_modes_of_one_data_set_are_refused_in_a_line(normlab: Run, two: str, more: list[str], said: str) -> None:
    """Before anything is trained."""
    arguments = [each for each in FAST if more != ["--until-settled"] or each not in ("--seeds", "2")]
    done = normlab("compare", *arguments, "--data", two, *more)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_comma_in_a_path_that_is_there_is_the_paths_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it stands between data sets, each read in its own way."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b").mkdir()
    assert datasets({"set": {"dataset": "a,b"}}) is None
    assert datasets({"set": {"dataset": "a,b?grey"}}) is None
    assert datasets({"set": {"dataset": "mnist"}}) is None
    fields = {"set": {"dataset": "mnist, photos?grey", "epochs": 3}}
    assert datasets(fields) == ["mnist", "photos?grey"]  # type: ignore[arg-type]
    assert fields == {"set": {"epochs": 3}}
