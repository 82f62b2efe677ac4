from __future__ import annotations

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from normlab.errors import GroupsError, SpecError, StoreError, UnknownName
from normlab.explanation.page import render, write

X = np.arange(24.0).reshape(2, 3, 2, 2)
HOME = resources.files("normlab.explanation.page")


def test_the_page_is_one_file_that_asks_for_nothing(tmp_path: Path) -> None:
    """No address of a network is in it, no other file is named, and it is written where it was asked for."""
    path = write(X, "bn", tmp_path / "new" / "explain.html")
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert not list(path.parent.glob(".*"))


def test_the_same_start_gives_the_same_page() -> None:
    """Nothing of the day or the machine is in it."""
    assert render(X, "gn:3") == render(X, "gn:3")


def test_the_script_stays_small() -> None:
    """All JavaScript together is less than 30 kB as it is written, comments and all."""
    scripts = [file for file in HOME.iterdir() if file.name.endswith(".js")]
    assert sum(len(file.read_bytes()) for file in scripts) < 30_000


@pytest.mark.parametrize(
    ("norm", "error"), [("bm", UnknownName), ("gn:2", GroupsError), ("gn:cpg=2", GroupsError), ("gn:x", SpecError)]
)
def test_a_norm_that_is_none_is_refused(norm: str, error: type[Exception]) -> None:
    """Unknown names and groups that do not divide the channels are told before a page is made."""
    with pytest.raises(error):
        render(X, norm)


@pytest.mark.parametrize("norm", ["gbn:2", "brn", "frn", "dyt", "evonorm-s0:3", "ws+gn:3"])
def test_a_norm_that_the_page_does_not_work_is_refused_by_name(norm: str) -> None:
    """With those that it does, and the way to see this one."""
    words = f"{norm}: the page works bn, ln, .*, none; leave out --html to see {norm} in the terminal"
    with pytest.raises(SpecError, match=re.escape(words).replace(re.escape(".*"), ".*")):
        render(X, norm)


@pytest.mark.parametrize(
    ("x", "word"),
    [
        (X[0], "shape"),
        (X[:0], "shape"),
        (np.full((1, 1, 1, 2), np.nan), "nan"),
        (np.full((1, 1, 1, 2), -np.inf), "-inf"),
        (np.full((1, 1, 1, 2), 2e9), "2e\\+09"),
    ],
)
def test_a_tensor_that_cannot_be_shown_is_refused(x: np.ndarray, word: str) -> None:
    """The message says what came."""
    with pytest.raises(SpecError, match=word):
        render(x, "bn")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder stands where the file should go."""
    (tmp_path / "explain.html").mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        write(X, "bn", tmp_path / "explain.html")


def test_without_scripts_the_tensor_is_there() -> None:
    """A plain table stands where no script runs."""
    still = render(X, "bn").split("<noscript>")[1].split("</noscript>")[0]
    assert all(f"{value}" in still for value in X.ravel())


@pytest.mark.slow
def test_making_the_page_needs_no_pytorch() -> None:
    """Importing and rendering leaves torch alone."""
    code = (
        "import sys, numpy; from normlab.explanation.page import render; "
        "render(numpy.ones((1, 2, 1, 2)), 'gn:2'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_starts_as_it_is_asked_to() -> None:
    """With γ and β of each channel, and a cell."""
    start = render(np.ones((2, 3, 2, 2)), "bn", gamma=2.0, beta=[1, 2, 3], cell=(1, 2, 0, 1))
    assert '"gamma": [2.0, 2.0, 2.0]' in start
    assert '"beta": [1.0, 2.0, 3.0]' in start
    assert '"cell": 21' in start
