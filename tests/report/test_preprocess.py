"""Arms that differ in preprocessing alone are told apart in everything that a report shows."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from comparisons import judging

from normlab.analysis import gather
from normlab.analysis.atlas import atlas
from normlab.records import Comparison
from normlab.report import charts, html
from normlab.report.tables import table
from normlab.report.view import build
from normlab.spec import PREPROCESSES

if TYPE_CHECKING:
    from comparisons import Make

pytestmark = pytest.mark.slow  # a whole page

ARMS = [
    {"norm": "bn", "preprocess": how, "penalty.lambda": lam}
    for lam in (0.0, 1e-4)
    for how in ("standardize", "equalize", "clahe")
]


@pytest.fixture(scope="module")
def treated(make: Make) -> Comparison:
    """Three preprocessings of one norm with and without L1."""
    return make(arms=ARMS, errors={"bn + clahe": 0.2})


def drawn(comparison: Comparison, name: str) -> dict[str, Any]:
    """The specification of a chart."""
    return next(figure for figure in charts.figures(gather(comparison)) if figure.name == name).untitled


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for values in spec["datasets"].values() for row in values]


def test_preprocessings_have_a_chapter_of_their_own(treated: Comparison) -> None:
    """Every pair within one penalty; L1 is judged within one preprocessing."""
    told = {chapter.heading: chapter.sentences for chapter in build(treated).chapters}
    assert "Which norm?" not in told
    assert any(
        sentence.startswith("bn + standardize is better than bn + clahe by")
        for sentence in told["Which preprocessing?"]
    )
    assert len(told["Which preprocessing?"]) == 6
    assert len(told["With or without a penalty?"]) == 3
    assert sum(": Σ|w| is" in sentence for sentence in told["What the penalty does to the weights"]) == 3


@pytest.mark.parametrize("name", ["finals", "curves-accuracy"])
def test_every_preprocessing_has_a_colour_and_every_penalty_a_mark(name: str, treated: Comparison) -> None:
    """A penalised arm has the colour of the one that it is compared with."""
    looks = {(row["arm"], row["hue"], row["pattern"]) for row in rows(drawn(treated, name)) if "hue" in row}
    bases = {f"bn + {how}" for how in ("standardize", "equalize", "clahe")}
    assert looks == {(base, base, "no penalty") for base in bases} | {
        (f"{base} + L1 0.0001", base, "L1 0.0001") for base in bases
    }


def test_differences_are_labelled_by_what_differs(make: Make) -> None:
    """No two pairs have one label, also beside several norms."""
    arms = [{**arm, "norm": norm} for arm in ARMS for norm in ("bn", "ln")]
    comparison = make(arms=arms)
    labels = {row["pair"] for row in rows(drawn(comparison, "differences")) if "pair" in row}
    assert len(labels) == len(gather(comparison).contrasts)
    assert {"standardize − clahe (bn)", "equalize − clahe (ln + L1 0.0001)", "bn − ln (clahe)"} <= labels
    assert {"bn − ln (equalize + L1 0.0001)", "L1 0.0001 − none (ln + clahe)"} <= labels


def test_tables_name_the_preprocessing(make: Make) -> None:
    """In the arm's name and in a column."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "bn", "preprocess": "clahe"}])
    found = list(csv.DictReader(io.StringIO(table(comparison, "csv"))))
    assert [(row["arm"], row["preprocess"]) for row in found] == [
        ("bn + standardize", "standardize"),
        ("bn + clahe", "clahe"),
    ]


def test_an_image_that_one_preprocessing_misses_beyond_luck(make: Make) -> None:
    """Ten seeds of one against ten of the other; the image is shown as it is stored."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "bn", "preprocess": "clahe"}], seeds=10, images=60)
    right = np.eye(10, dtype=np.float32)[comparison.labels]
    missed = right.copy()
    missed[3] = np.roll(missed[3], 1)
    runs = [judging(run, missed if "clahe" in run.arm else right) for run in comparison.runs]
    found = atlas(replace(comparison, runs=runs))
    assert found is not None
    (one,) = found.telling
    assert (one.base, one.here.missed, one.elsewhere.missed) == ("bn + clahe", 10, 0)
    assert np.array_equal(one.seen.image, comparison.images[3])


@pytest.mark.long
def test_the_page_says_what_it_compares(treated: Comparison, make: Make) -> None:
    """Every arm by its name, and the recipe's preprocessing where it is not the usual one."""
    page = html.render(treated)
    assert all(arm.name in page for arm in treated.study.arms)
    assert "Missed under one preprocessing" in page
    plain = make(arms=[{"norm": "bn"}, {"norm": "ln"}])
    assert "Missed under one norm<" in html.render(plain)
    shared = make(arms=[{"norm": "bn"}, {"norm": "ln"}], preprocess="clahe")
    assert "lean on mnist (clahe): 2 arms" in html.render(shared)


def test_colours_are_enough_for_all_preprocessings() -> None:
    """Five arms of one norm have five colours."""
    from normlab.show.theme import COLOURS

    assert len(COLOURS) >= len(PREPROCESSES)
