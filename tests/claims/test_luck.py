from __future__ import annotations

import numpy as np
import pytest

from normlab.claims import Claim, judge, luck, words
from normlab.claims.read import parse
from normlab.errors import SpecError
from normlab.stats.verdict import Kind


@pytest.mark.parametrize(("runs", "wanted"), [(1, 0), (2, 0.56419), (5, 1.16296), (10, 1.53875), (100, 2.50759)])
def test_the_largest_of_normal_values_lies_where_tippett_says(runs: int, wanted: float) -> None:
    """His table of 1925, in standard deviations above the mean."""
    assert luck.expected(runs) == pytest.approx(wanted, abs=1e-5)


def test_luck_is_taken_off_in_the_mean() -> None:
    """The best of five simulated runs, less what is taken off, is their mean within three standard errors."""
    best = np.random.default_rng(0).normal(90, 0.4, (20_000, 5)).max(-1)
    fair = luck.without(Claim("a", float(best.mean()), 10_000, 5, 0.4, best_of=5))
    assert fair.accuracy == pytest.approx(90, abs=3 * best.std() / np.sqrt(20_000))
    assert fair.seeds == 1


@pytest.mark.parametrize(
    ("row", "best_of", "chosen"),
    [
        ("bn (best of 5)", 5, False),
        ("bn, max over 3 seeds", 3, False),
        ("bn (best epoch)", None, True),
        ("bn best_test-epoch", None, True),
        ("bn max accuracy", None, True),
        ("bn (max)", None, True),
        ("bn, best", None, True),
        ("bn best of 5 epochs", None, True),
        ("bn best of k", None, True),
        ("bn best of 5, best epoch", 5, True),
        ("bn best validation epoch", None, False),
        ("max pooling", None, False),
        ("bn", None, False),
    ],
)
def test_a_name_is_taken_at_its_word(row: str, best_of: int | None, chosen: bool) -> None:
    """Best of so many runs, best of nobody knows how many, or neither."""
    text = luck.said(row, {})
    assert (luck.best_of(text), luck.chosen(text)) == (best_of, chosen)


def test_so_is_a_column() -> None:
    """Whatever it is called; the best accuracy beside the mean is another number, and "no" is no."""
    head = "name,accuracy,n,best of,epoch,best epoch,best accuracy"
    claims = parse(f"{head}\na,99,9,5,,,\nb,98,9,,best,,\nc,97,9,,last,38,\nd,96,9,,,no,97\n")
    assert [claim.best_of for claim in claims] == [5, None, None, None]
    assert [claim.chosen for claim in claims] == [False, True, True, False]


@pytest.mark.parametrize(
    ("head", "best_of", "chosen"),
    [("Accuracy (best epoch)", None, True), ("best_accuracy", None, True), ("acc, best of 5", 5, False)],
)
def test_so_is_the_column_of_the_accuracies(head: str, best_of: int | None, chosen: bool) -> None:
    """Where no other is called accuracy, all of its claims are what it says."""
    claims = parse(f'name,"{head}",n\na,99,9\nb,98,9\n')
    assert [(claim.accuracy, claim.best_of, claim.chosen) for claim in claims] == [
        (99, best_of, chosen),
        (98, best_of, chosen),
    ]
    with pytest.raises(SpecError, match="expected one column for the accuracy, got best accuracy and max acc"):
        parse("name,best accuracy,max acc,n\na,99,98,9\n")


def test_a_best_epoch_has_no_verdict() -> None:
    """However many seeds it has; the rest of the table has its own."""
    claims = [
        Claim("a", 99, 10_000, 9, 0.05),
        Claim("b", 98, 10_000, 9, 0.05),
        Claim("c", 90, 10_000, 9, 0.05, chosen=True),
    ]
    pairs = judge(claims)
    assert [pair.kind for pair in pairs] == [Kind.withheld, Kind.withheld, Kind.better]
    assert pairs[0].p is None
    assert words.headline(pairs) == (
        "1 of 3 claimed differences is supported. 2 are chosen on the test set, without a verdict."
    )
    assert words.sentence(pairs[0]) == (
        "a over c by 9.00 points: no verdict, as c is by its own words the best that the test showed; "
        "say the last epoch's, or of how many runs it is the best."
    )
    assert words.headline(pairs[:1]) == "No verdict on the claimed difference: it was chosen on the test set."


def test_the_best_of_five_runs_is_one_run() -> None:
    """Less its luck, which may turn the order; it never wins, and what was taken off is said."""
    (pair,) = judge([Claim("a", 99.0, 10_000, 5, 0.1, best_of=5), Claim("b", 98.95, 10_000, 5, 0.1)])
    assert (pair.first.name, pair.kind) == ("b", Kind.open)
    assert pair.difference == pytest.approx(1.16296 * 0.1 - 0.05, abs=1e-5)
    assert "(5 against 1 seeds, a as the best of 5 less 0.12 points)" in words.sentence(pair)


@pytest.mark.timeout(5)
def test_what_rows_say_is_read_in_no_time() -> None:
    """A cell of 100,000 digits or blanks has no end that a pattern looks for again and again."""
    for cell in ("9" * 100_000, " " * 100_000, "best of " * 10_000, "max of the " * 10_000):
        luck.chosen(luck.said(f"best of {cell}x", {}))
