"""Where the variance comes from, on a terminal and on the page."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from normlab.records import Alone, Comparison
from normlab.report import html, text

if TYPE_CHECKING:
    from comparisons import Make

HEADING = "Where the variance between seeds comes from"


@pytest.fixture
def asked(make: Make) -> Comparison:
    """A study that asks, with runs in which the order alone varies."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=6, sources=["order", "dropout"])
    alone = [replace(run, job=replace(run.job, only="order")) for run in made.runs]
    return replace(made, alone=[Alone("order", alone, [made.labels] * len(alone))])


def printed(comparison: Comparison, *, details: bool = False) -> str:
    console = Console(file=io.StringIO(), width=140)
    text.show(comparison, console, details=details)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_an_answer_at_a_glance_and_tables_in_the_details(asked: Comparison) -> None:
    """A sentence for each arm; with --details the components, and what pairing removes."""
    glance, details = printed(asked), printed(asked, details=True)
    assert f"{HEADING}: Order of batches alone brings 100% of the variance" in " ".join(glance.split())
    assert "pairing removes (95%)" not in glance
    assert re.search(r"bn +order of batches +6 ", details)
    assert re.search(r"bn, ln +order of batches +6 ", details)
    assert "Left out, since no arm has it: dropout." in details


@pytest.mark.slow
def test_the_page_has_a_room_with_both_tables(asked: Comparison, make: Make) -> None:
    """Folded; a study that does not ask has none."""
    page = html.render(asked)
    assert f'<details class="room" id="sources">\n<summary><h2>{HEADING}</h2>' in page
    assert page.count("<td>order of batches</td>") == 3
    assert HEADING not in html.render(make(arms=[{"norm": "bn"}, {"norm": "ln"}]))


def test_another_run_of_a_source_makes_another_page(asked: Comparison) -> None:
    """A page without it is out of date."""
    without = replace(asked, alone=[replace(asked.alone[0], runs=asked.alone[0].runs[:-1])])
    assert html.fingerprint(asked, None) != html.fingerprint(without, None)
