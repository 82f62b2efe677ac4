"""A new field costs one line in the recipe: everything that people see of it follows from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import normlab

pytestmark = pytest.mark.long  # a copy of the house, which processes of their own import

LINE = (
    "    smoothing: Annotated[float, Field(ge=0, lt=1), Setting('Label smoothing.', word='smoothing', unit='%', "
    "scale='ordered', option='smoothing', title='share of smoothing', later=True)] = 0.0\n"
)
BEFORE = "    optimizer: Optimizer = Optimizer()\n"
WITHOUT_TRAINING = """
import json, runpy, sys
from normlab.analysis import inquiries
from normlab.models.jobs import Material
from normlab.plans import Maker
from normlab.report.words.headings import heading
from normlab.spec import design, known
study = design(vary={"smoothing": [0.0, 0.1, 0.2]})
plain = design(norms=["bn"])
jobs, usual = (Maker(each, "eager", Material.of(each)).jobs() for each in (study, plain))
print(json.dumps({
    "names": [arm.name for arm in study.arms],
    "factors": [question.factor for question in inquiries(study)],
    "pairs": [question.pairs for question in inquiries(study)],
    "heading": heading(study, "smoothing"),
    "title": known()["smoothing"].title,
    "keys": len({job.key for job in jobs}),
    "usual": jobs[0].key == usual[0].key,
    "digests": [job.recipe.digest for job in jobs[:3]],
    "toml": study.to_toml(),
    "docs": runpy.run_path(sys.argv[1])["table"](),
}))
"""

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Python with a normlab whose recipe has one line more."""
    house = tmp_path_factory.mktemp("house")
    copy = Path(shutil.copytree(Path(normlab.__file__).parent, house / "normlab"))
    recipe = copy / "spec" / "recipe.py"
    text = recipe.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    recipe.write_text(text.replace(BEFORE, LINE + BEFORE), encoding="utf-8")

    def called(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(house), "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, *arguments], env=environment, cwd=house, capture_output=True, text=True, check=True
        ).stdout

    return called


@pytest.fixture(scope="module")
def told(run: Run) -> dict[str, Any]:
    """What the parts of the house say of it."""
    site = Path(__file__).parents[2] / "tools" / "site" / "recipe.py"
    found: dict[str, Any] = json.loads(run("-c", WITHOUT_TRAINING, str(site)))
    return found


def test_the_arms_are_named_by_it(told: dict[str, Any]) -> None:
    """With its word and unit."""
    assert told["names"] == ["smoothing 0%", "smoothing 0.1%", "smoothing 0.2%"]


def test_a_question_is_asked_about_it(told: dict[str, Any]) -> None:
    """As about any ordered factor: each level against the recipe's own, and against its neighbour."""
    assert told["factors"] == ["smoothing"]
    assert told["pairs"] == [
        [
            ["smoothing 0.1%", "smoothing 0%"],
            ["smoothing 0.2%", "smoothing 0%"],
            ["smoothing 0.2%", "smoothing 0.1%"],
        ]
    ]


def test_headings_and_axes_call_it_by_its_title(told: dict[str, Any]) -> None:
    """The words stand in its line."""
    assert told["title"] == "share of smoothing"
    assert told["heading"] == "Which share of smoothing?"


def test_runs_are_known_by_it(told: dict[str, Any]) -> None:
    """Another value is another run; the usual value said aloud is the usual run."""
    assert told["keys"] == 3 * 3
    assert told["usual"] is True


def test_runs_that_were_there_before_it_keep_their_digests(told: dict[str, Any]) -> None:
    """A later field at its default is left out of the digest, so that published keys stay; other levels are not."""
    usual = normlab.design().recipe.digest
    assert [digest == usual for digest in told["digests"]] == [True, False, False]
    assert len(set(told["digests"])) == 3


def test_a_file_has_it(told: dict[str, Any]) -> None:
    """Its value in the recipe, its levels as a factor."""
    assert "\nsmoothing = 0.0\n" in str(told["toml"])
    assert "\nsmoothing = [\n    0.0,\n    0.1,\n    0.2,\n]\n" in str(told["toml"])


def test_the_docs_list_it(told: dict[str, Any]) -> None:
    """A line of the table that is made from the recipe."""
    line = "| `smoothing` | Label smoothing. | at least 0 and below 1 | by size | `--smoothing` | `0` | `0` |"
    assert line in str(told["docs"])


COMMANDS = {
    ("--smoothing", "0.3"): "smoothing = 0.3",
    ("--set", "smoothing=0.3"): "smoothing = 0.3",
    ("--smoothing", "0.1,0.3"): "smoothing = [\n    0.1,\n    0.3,\n]",
    ("--vary", "smoothing=0.1,0.3"): "smoothing = [\n    0.1,\n    0.3,\n]",
    ("--arm", "soft: smoothing=0.3"): 'name = "soft", smoothing = 0.3',
}
TYPED = """
import json, sys
from typer.testing import CliRunner
from normlab.cli import app
print(json.dumps([CliRunner().invoke(app, ["compare", *words]).output for words in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def typed(run: Run) -> dict[tuple[str, ...], str]:
    """What the command line answers."""
    words = [["--help"], *([*each, "--print-toml"] for each in COMMANDS)]
    return dict(zip([(), *COMMANDS], json.loads(run("-c", TYPED, json.dumps(words))), strict=True))


def test_help_has_its_option_and_its_range(typed: dict[tuple[str, ...], str]) -> None:
    """And the list of all fields has its path."""
    shown = " ".join(typed[()].split())
    assert "--smoothing" in shown
    assert "Label smoothing. At least 0 and below 1." in shown
    assert shown.count("smoothing") > 2


@pytest.mark.parametrize("words", COMMANDS)
def test_the_command_line_sets_it_and_varies_it(typed: dict[tuple[str, ...], str], words: tuple[str, ...]) -> None:
    """By its own option and by those for all fields."""
    assert COMMANDS[words] in typed[words]
