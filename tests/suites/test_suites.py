"""A suite as it is shown: words, tables, page and JSON agree."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from normlab.analysis.across import across
from normlab.errors import UnknownName
from normlab.suites import page, text, words
from normlab.suites.said import Said, said
from normlab.suites.tables import table

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]
LABELS = ("mnist", "fashion-mnist", "cifar10")


def told(make: Make, *errors: Mapping[str, float], runs: bool = True, **more: Any) -> Said:
    """What is said of two arms on as many data sets, by their error rates."""
    made = [make(arms=TWO, images=2_000, errors=dict(each), **{"seeds": 8, **more}) for each in errors]
    comparisons = made if runs else [replace(each, runs=()) for each in made]
    labels = LABELS[: len(errors)]
    return said("all", [f"all-{label}" for label in labels], across(labels, comparisons), comparisons)


@pytest.fixture(scope="module")
def turned(make: Make) -> Said:
    """Batch norm is better on two data sets, and worse on the third."""
    return told(make, {"ln": 0.02}, {"ln": 0.03}, {"bn": 0.025})


def test_the_answer_over_all_comes_first_in_one_sentence(make: Make) -> None:
    """Who is better and by how much, over how many data sets and seeds."""
    headline = words.headline(told(make, {"ln": 0.02}, {"ln": 0.03}))
    assert re.fullmatch(r"Over 2 data sets: bn is better than ln by \d\.\d{3} points \(8 seeds\)\.", headline)


def test_a_ranking_that_turns_is_said_with_its_data_sets(turned: Said) -> None:
    """Which arm is better where."""
    assert words.depends(turned) == (
        "The ranking depends on the data: bn is better than ln on mnist and fashion-mnist, and worse on cifar10."
    )


def test_a_difference_that_changes_without_turning_is_said_so(make: Make) -> None:
    """By how much, from which data set to which."""
    said_so = words.depends(told(make, {"ln": 0.02}, {"ln": 0.06}))
    change = r"bn − ln is \d\.\d{3} points higher on fashion-mnist than on mnist\."
    assert re.fullmatch(f"By how much arms differ depends on the data: {change}", said_so)


def test_equal_everywhere_or_open_is_said_too(make: Make) -> None:
    """Within the margin, or that nothing is established."""
    wide = told(make, {}, {"ln": 0.008}, margin=5)
    assert words.headline(wide) == "Over 2 data sets: bn and ln are equal within 5 points (8 seeds)."
    assert words.depends(wide) == "The ranking does not depend on the data by more than 5 points."
    assert words.depends(told(make, {}, {}, seeds=3)).startswith("Whether the ranking depends on the data is open")


@pytest.mark.slow
def test_two_data_sets_say_nothing_of_others(make: Make) -> None:
    """Three do."""
    assert any("nothing can be told from 2" in line for line in words.trust(told(make, {}, {})))
    three = told(make, {}, {}, {})
    assert any("an interval over the 3 means" in line for line in words.trust(three))
    assert "; on data sets like these " in words.over_all(three)[0]


def test_the_terminal_has_pairs_by_data_sets_in_eighty_columns(turned: Said) -> None:
    """And everything else with --details."""
    console = Console(file=io.StringIO(), width=80)
    text.show(turned, console)
    short = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= 80 for line in short.splitlines())
    assert "better" in short
    assert "worse" in short
    assert "As probabilities" not in short
    text.show(turned, console, details=True)
    assert "As probabilities" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_json_is_what_its_schema_says(make: Make, turned: Said) -> None:
    """Every name and no other, also without a run."""
    schema = json.loads((resources.files("normlab.suites") / "suite.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    for one in (turned, told(make, {}, {}, runs=False), told(make, {}, {}, diverged=[("bn", 1, 2)])):
        found = json.loads(table(one, "json", kept=1, trained=2))
        assert [*Draft202012Validator(schema).iter_errors(found)] == []
    assert json.loads(table(turned, "json"))["headline"] == words.headline(turned)


def test_other_forms_have_a_row_for_each_pair(turned: Said) -> None:
    """CSV one for each data set too; a form that is none is refused."""
    rows = [*csv.DictReader(io.StringIO(table(turned, "csv")))]
    assert [row["data"] for row in rows] == [*LABELS, "over all"]
    assert table(turned, "markdown").splitlines()[0] == (
        "| first − second | mnist | fashion-mnist | cifar10 | over all | on data sets like these |"
    )
    with pytest.raises(UnknownName, match="markdown"):
        table(turned, "latex")


@pytest.mark.slow
def test_the_page_stands_alone_and_leads_to_each_data_sets_own(turned: Said) -> None:
    """The answer is its heading; numbers are in it as JSON has them."""
    whole = page.page(turned)
    assert f"<h1>{words.headline(turned)}</h1>" in whole
    assert 'href="../all-cifar10/report.html"' in whole
    assert not re.search(r'(?:src|href)="https?:', whole)
    assert whole.count('class="second"') == 1
    assert "<script" not in page.fragment(turned)


@pytest.mark.slow
def test_names_from_outside_are_letters_on_the_page(make: Make) -> None:
    """An arm or a data set may be called anything."""
    comparisons = [make(arms=[{"name": "<b>", "norm": "bn"}, {"norm": "ln"}], seeds=2, images=200) for _ in range(2)]
    labels = ("<i>", "x")
    one = said("all", ["a", "b"], across(labels, comparisons), comparisons)
    assert "<b> −" not in page.page(one)
    assert "<i>" not in page.fragment(one)


def test_a_suite_without_a_run_says_so(make: Make) -> None:
    """Its page is written all the same."""
    empty = told(make, {}, {}, runs=False)
    assert words.headline(empty) == "Over 2 data sets: no two arms share a finished seed on all of them."
    assert words.headline(empty) in page.page(empty)
