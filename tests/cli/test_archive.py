"""`normlab publish` and `normlab answers`: from a finished study to a folder that others can judge again and repeat."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from normlab.spec import from_toml, read

Run = Callable[..., CompletedProcess[str]]


def refused(done: CompletedProcess[str], said: str) -> None:
    """With an exit code and one line."""
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split())
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.usefixtures("project")
@pytest.mark.long
def test_a_finished_study_becomes_a_folder(normlab: Run, tmp_path: Path) -> None:
    """With its TOML, scores, report and a README, from which its verdict comes again."""
    normlab("report", "first")
    done = normlab("publish", "first")
    folder = tmp_path / "studies/first"
    assert done.returncode == 0, done.stderr
    assert {path.name for path in folder.iterdir()} == {"first.toml", "first.json", "first.html", "README.md"}
    assert read(folder / "first.toml").name == "first"
    assert "normlab compare first.toml" in (folder / "README.md").read_text(encoding="utf-8")
    told = normlab("answers", "--from", "studies/first").stdout
    assert "first: lean on mnist, 1 epoch, 2 seeds, 250 held-out images" in told
    assert "bn and gn:4 are" in told or "is better than" in told


@pytest.mark.usefixtures("project")
@pytest.mark.slow
def test_what_people_wrote_stays(normlab: Run, tmp_path: Path) -> None:
    """A README is written once, the rest as often as it is published."""
    folder = tmp_path / "there"
    assert normlab("publish", "first", "--to", "there").returncode == 0
    (folder / "README.md").write_text("mine\n")
    (folder / "first.json").write_text("{}")
    assert normlab("publish", "first", "--to", "there").returncode == 0
    assert (folder / "README.md").read_text() == "mine\n"
    assert normlab("answers", "--from", "there").returncode == 0


@pytest.mark.usefixtures("project")
@pytest.mark.slow
def test_another_study_of_that_name_is_not_written_over(normlab: Run, tmp_path: Path) -> None:
    """The way out is another folder or name."""
    normlab("publish", "first", "--to", "there")
    file = tmp_path / "there/first.toml"
    file.write_text(file.read_text().replace("epochs = 1", "epochs = 2"))
    refused(normlab("publish", "first", "--to", "there"), "is another study of that name")


@pytest.mark.usefixtures("project")
def test_a_study_that_owes_runs_is_not_published(normlab: Run) -> None:
    """How many, and the command that trains them."""
    file = normlab("compare", "first", "--seeds", "3", "--print-toml").stdout
    Path("more.toml").write_text(file.replace('name = "first"', 'name = "more"'))
    shutil.copytree("normlab-out/first", "normlab-out/more")
    Path("normlab-out/more/study.toml").write_text(Path("more.toml").read_text())
    refused(normlab("publish", "more"), "2 of its runs are missing; train them first: normlab compare more")


def test_edited_scores_are_noticed(normlab: Run, project: Path) -> None:  # noqa: ARG001 - the study that is published
    """Which pair, and that it has to be published again."""
    normlab("publish", "first", "--to", "there")
    file = Path("there/first.json")
    values = json.loads(file.read_bytes())
    values["scores"]["bn"]["0"] -= 100
    file.write_text(json.dumps(values))
    refused(normlab("answers", "--from", "there"), "bn against gn:4: it states")


@pytest.mark.training
@pytest.mark.long
def test_code_of_ones_own_goes_along(normlab: Run, tmp_path: Path) -> None:
    """With what it imports, and the published study is the same where the folder is: nothing is trained again."""
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets/mine.py").write_text(
        "from torch import nn\nfrom beside import WIDTH\n\n"
        "def make(channels, classes, norm):\n"
        "    front = nn.Conv2d(channels, WIDTH, 5, 4), norm(WIDTH), nn.ReLU()\n"
        "    return nn.Sequential(*front, nn.Flatten(), nn.Linear(36 * WIDTH, classes))\n"
    )
    (tmp_path / "nets/beside.py").write_text("WIDTH = 4\n")
    tiny = ("--norms", "bn,ln", "--lambda", "0", "--epochs", "1", "--train-images", "256", "--seeds", "2")
    done = normlab("compare", *tiny, "--model", "nets/mine.py:make", "--name", "own", "--holdout", "256")
    assert done.returncode == 0, done.stderr
    assert normlab("publish", "own", "--to", "there").returncode == 0
    assert {"mine.py", "beside.py", "own.toml"} <= {path.name for path in (tmp_path / "there").iterdir()}
    assert str(tmp_path) not in (tmp_path / "there/own.toml").read_text() + (tmp_path / "there/own.json").read_text()
    shutil.rmtree(tmp_path / "nets")
    assert "4 kept, 0 to train" in normlab("compare", "there/own.toml", "--name", "again").stderr


@pytest.mark.training
@pytest.mark.long
def test_two_files_of_one_name_are_not_published_as_one(normlab: Run, tmp_path: Path) -> None:
    """Networks of two folders: beside each other one would stand for both."""
    for folder, width in (("one", 4), ("two", 6)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "nets.py").write_text(
            "from torch import nn\n\n"
            "def make(channels, classes, norm):\n"
            f"    front = nn.Conv2d(channels, {width}, 5, 4), norm({width})\n"
            f"    return nn.Sequential(*front, nn.Flatten(), nn.Linear({36 * width}, classes))\n"
        )
    tiny = ("--norms", "bn", "--lambda", "0", "--epochs", "1", "--train-images", "256", "--seeds", "2")
    both = ("--model", "one/nets.py:make,two/nets.py:make")
    done = normlab("compare", *tiny, *both, "--name", "both", "--holdout", "256")
    assert done.returncode == 0, done.stderr
    refused(normlab("publish", "both", "--to", "there"), "two files of this study are called nets.py")


@pytest.mark.slow
def test_answers_come_along(normlab: Run) -> None:
    """Of norms at a batch size, in lines and as JSON."""
    done = normlab("answers", "--norms", "bn,ln", "--batch-size", "4", "--data", "mnist", COLUMNS="200")
    assert "ln is better than bn by" in done.stdout
    rows = json.loads(normlab("answers", "--norms", "bn,ln", "--batch-size", "4", "--format", "json").stdout)
    assert [row["verdict"] for row in rows] == ["worse"]
    assert {"study", "date", "made", "interval", "seeds", "levels"} <= rows[0].keys()


def test_a_published_study_can_be_repeated_from_what_comes_along(normlab: Run) -> None:
    """Its TOML is printed as `compare` reads it."""
    assert from_toml(normlab("answers", "--toml", "norm-batch").stdout).name == "norm-batch"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--toml", "norm-bach"), "did you mean norm-batch"),
        (("--study", "x"), "unknown publication 'x'"),
        (("--where", "optimizer.lrr=3"), "did you mean optimizer.lr"),
        (("--where", "norm"), "--where: expected FIELD=VALUE"),
        (("--norms", "bn", "--where", "norm=ln"), "--where norm: it stands twice"),
        (("--from", "."), "no published study in"),
        (("--level", "2"), "level"),
        (("--margin", "-1"), "margin"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_line(normlab: Run, arguments: tuple[str, ...], said: str) -> None:
    """With the way out."""
    refused(normlab("answers", *arguments), said)
