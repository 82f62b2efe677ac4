"""`normlab plan`: one sentence, then the chances."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.slow
def test_the_answer_comes_first(normlab: Run) -> None:
    """How many seeds, how many runs, how long; then a row a number of seeds, within 80 columns."""
    done = normlab("plan", "--sd", "0.08", "--margin", "0.1", "--arms", "3", "--seconds", "12", "--workers", "2")
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert said.startswith("10 seeds, named beforehand, call equal arms equivalent within 0.1 points and find a ")
    assert "30 runs, about 3 min here." in said
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_has_every_chance(normlab: Run) -> None:
    """Of each number of seeds and difference, and what a study takes that stops when it is settled."""
    done = normlab("plan", "--sd", "0.08", "--max-seeds", "10", "--format", "json")
    found = json.loads(done.stdout)
    assert (found["seeds"], found["needed"]) == ([3, 5, 8, 10], 10)
    assert len(found["fixed"]) == 4
    assert set(found["fixed"][0][0]) == {"better", "equivalent", "worse"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a study that has runs, or say how far differences spread"),
        (["mine", "--sd", "0.1"], "name a study that knows the spread, or say --sd, not both"),
        (["--sd", "0.1", "--margin", "-1"], "margin"),
        (["--sd", "nan"], "--sd: expected a number above 0, got nan"),
        (["--sd", "0.1", "--budget", "soon"], "--budget: expected a time such as 90s, 20m or 2h"),
        (["nowhere"], "nowhere"),
    ],
)
def test_what_is_missing_is_said_in_one_line(normlab: Run, arguments: list[str], said: str) -> None:
    """With the way out, and no traceback."""
    done = normlab("plan", *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
