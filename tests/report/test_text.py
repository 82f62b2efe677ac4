from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from normlab.records import Comparison
from normlab.report import text
from normlab.spec.registration import Design, Registered, Registration

if TYPE_CHECKING:
    from comparisons import Make

GOLDEN = Path(__file__).parent / "golden"


def printed(comparison: Comparison, width: int, *, terminal: bool = False, details: bool = False) -> str:
    """What a terminal, or by default a file, of this width gets, less blanks at the ends of lines."""
    file = io.StringIO()
    color = "truecolor" if terminal else None
    console = Console(file=file, width=width, force_terminal=terminal, color_system=color, _environ={})
    text.show(comparison, console, details=details)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.slow
def test_the_main_job_looks_as_agreed(six: Comparison, width: int) -> None:
    """The golden files are what a reader sees; UPDATE_GOLDEN=1 writes them anew after a change that is meant."""
    golden = GOLDEN / f"six-{width}.txt"
    seen = printed(six, width, details=True)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8")


def test_a_partial_study_looks_as_agreed(make: Make) -> None:
    """Diverged and missing runs are seen at once."""
    golden = GOLDEN / "partial-80.txt"
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]
    diverged = [("ln", 0, 1), ("ln", 1, 2), ("ln", 2, 1)]
    seen = printed(make(arms=arms, diverged=diverged, missing=1), 80, details=True)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8")


def test_the_answer_looks_as_agreed(six: Comparison) -> None:
    """Fifteen lines at most, the report's own among them."""
    golden = GOLDEN / "answer-80.txt"
    seen = printed(six, 80)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8")
    assert len(seen.splitlines()) < 15


def test_a_registration_hides_no_warning(make: Make) -> None:
    """Its sentence comes first, and as many others are shown as without it."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]
    made = make(arms=arms, diverged=[("ln", 0, 1), ("gn:4", 0, 1)])
    design = Design.of(made.study, made.study.digests, "")
    known: dict[str, Any] = {"registered": "2026-11-30T12:00:00+00:00", "trained": 0, "digest": design.digest}
    registration = Registration(study="compare", design=design, **known)
    seen = printed(replace(made, registered=Registered(registration=registration, now=design)), 200)
    assert seen.index("As registered on 2026-11-30") < seen.index("ln diverged") < seen.index("gn:4 diverged in")
    assert "more with --details" not in seen


def test_of_many_warnings_the_first_are_shown(make: Make) -> None:
    """Four arms diverged: the headline names how many, and the answer stays within its lines."""
    arms = [{"norm": norm} for norm in ("bn", "ln", "rms", "in", "frn")]
    made = make(arms=arms, diverged=[(arm["norm"], seed, 1) for arm in arms[1:] for seed in range(3)])
    seen = printed(made, 80)
    assert "some runs of 4 arms diverged" in " ".join(seen.split())
    assert "… 2 more with --details" in seen
    assert len(seen.splitlines()) < 18


@pytest.mark.slow
def test_of_many_arms_the_best_and_the_last_are_shown(make: Make) -> None:
    """Three of each, and how many lie between; the details have all."""
    arms = [{"norm": norm} for norm in ("bn", "ln", "in", "rms", "gn:2", "none", "gn:5", "ln-chw", "ln-c")]
    made = make(arms=arms, seeds=2, errors={"none": 0.5, "rms": 0.0})
    seen = printed(made, 80).splitlines()
    rows = [
        line.split()[0] for line in seen[next(i for i, line in enumerate(seen) if line.startswith("arm")) + 1 :][:7]
    ]
    assert (rows[0], rows[3], rows[6]) == ("rms", "…", "none")
    assert all(norm["norm"] in printed(made, 120, details=True) for norm in arms)


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_lines_fit(six: Comparison, width: int, details: bool) -> None:
    """No line is longer than the terminal, and no cell is cut."""
    if details and width < 80:
        return
    seen = printed(six, width, details=details)
    assert max(map(len, seen.splitlines())) <= width
    assert "…" not in seen


def test_a_file_gets_plain_text(six: Comparison) -> None:
    """Colours and bold only go to a terminal."""
    assert "\x1b[" not in printed(six, 80)
    assert "\x1b[1m" in printed(six, 80, terminal=True)


def test_nothing_finished_still_prints(make: Make) -> None:
    """A study that has just begun has a table without numbers."""
    seen = printed(make(arms=[{"norm": "bn"}], missing=3), 80)
    assert "No run has finished yet." in seen
    assert "0/3" in seen


def test_names_of_arms_are_no_markup(make: Make) -> None:
    """Square brackets in a name are printed, not read as a style."""
    assert "[red]" in printed(make(arms=[{"norm": "[red]"}], seeds=1), 80)
