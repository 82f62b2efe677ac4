from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import typer
from rich.text import Text

from normlab.cli import app

Run = Callable[..., CompletedProcess[str]]
COMMANDS = [
    "compare",
    "train",
    "path",
    "compact",
    "explain",
    "doctor",
    "merge",
    "submit",
    "worker",
    "report",
    "runs",
    "summary",
    "data",
    "lint",
    "plan",
    "preregister",
    "publish",
    "answers",
    "claims",
    "calibrate",
    "bench",
    "judge",
    "convert",
    "predict",
    "export",
    "assignment",
]
TOUR = Path(__file__).parents[2] / "docs" / "tour.md"


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    """`normlab --help` stays quick because none of the large libraries is imported for it."""
    code = (
        "import sys; sys.argv = ['normlab', '--help']\n"
        "from normlab.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'numpy', 'scipy', 'altair', 'vl_convert'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_stands_in_the_tour(normlab: Run, command: str) -> None:
    """Each command has help with what it does, and the tour shows it."""
    result = normlab(command, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout
    assert f"normlab {command}" in TOUR.read_text()


def test_the_version_is_printed(normlab: Run) -> None:
    """The name and the version, and nothing else."""
    result = normlab("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"normlab {metadata.version('normlab')}\n", "")


def test_summary_prints_layers_and_counts(normlab: Run) -> None:
    """`summary` shows names, output shapes, parameters and multiply-adds."""
    result = normlab("summary", "course", "--norm", "gn:2")
    assert result.returncode == 0
    assert all(word in result.stdout for word in ("conv5", "[1, 32, 6, 6]", "9,802", "933,120"))


def test_the_version_of_a_typing_mistake_names_the_commands(normlab: Run) -> None:
    """An unknown command is an error, not a traceback."""
    result = normlab("compere")
    assert result.returncode == 2
    assert "compare" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_word_of_help_is_lost() -> None:
    """Square brackets would be taken for markup and left out of what is shown."""
    for name, command in typer.main.get_group(app).commands.items():
        for text in (command.help, *(getattr(parameter, "help", None) for parameter in command.params)):
            assert Text.from_markup(text or "").plain == (text or ""), name


@pytest.mark.long
def test_text_without_greek_letters_still_has_the_numbers() -> None:
    """Where the system's encoding lacks a letter, a question mark stands for it."""
    command = [sys.executable, "-m", "normlab", "explain", "stretch"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"= 0.25" in done.stdout
