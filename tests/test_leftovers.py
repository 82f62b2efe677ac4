"""What killed processes leave is removed by whoever comes next; what living ones have under way stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from normlab import files, leftovers

pytestmark = [
    pytest.mark.timeout(30),
    pytest.mark.skipif(os.name == "nt", reason="Windows has no locks of this kind"),
]
UNDER_WAY = """
import sys
from pathlib import Path
from normlab import leftovers
with leftovers.file(Path(sys.argv[1]) / "a file") as (file, _), leftovers.folder(Path(sys.argv[1]), "folder") as aside:
    file.write(b"half")
    (aside / "half").write_text("half")
    print("under way", flush=True)
    sys.stdin.read()
"""


def at_work(folder: Path) -> subprocess.Popen[str]:
    """A process that has a file and a folder under way."""
    command = [sys.executable, "-c", UNDER_WAY, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    return process


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """At once, and not a day later; what it was to replace stays."""
    files.write(tmp_path / "a file", b"before")
    with at_work(tmp_path) as process:
        process.kill()
    assert len([*tmp_path.iterdir()]) == 3
    leftovers.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def test_what_a_living_process_works_on_stays(tmp_path: Path) -> None:
    """However long it takes."""
    with at_work(tmp_path) as process:
        leftovers.sweep(tmp_path)
        assert len([*tmp_path.iterdir()]) == 2
        process.communicate("")
    assert not [*tmp_path.iterdir()]


def test_nothing_else_is_removed(tmp_path: Path) -> None:
    """Neither other hidden files, nor a pipe, nor what a link leads to."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("a.part", ".a.part", ".a.0123abcd", ".env"):
        (tmp_path / name).write_text("mine")
    (tmp_path / ".linked.0123abcd.part").symlink_to(kept)
    os.mkfifo(tmp_path / ".pipe.0123abcd.txt")
    before = {*tmp_path.iterdir()}
    leftovers.sweep(tmp_path)
    assert {*tmp_path.iterdir()} == before


def test_a_folder_that_is_not_there_has_nothing_left(tmp_path: Path) -> None:
    """It is no error, and it is not made."""
    leftovers.sweep(tmp_path / "absent")
    assert not [*tmp_path.iterdir()]
