from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.claims import Claim, judge, read, words
from normlab.claims.read import parse
from normlab.errors import SpecError
from normlab.stats.verdict import Kind

COURSE = "name,accuracy,n\nbatch,99.22,10000\nlayer,99.28,10000\ngroup,99.34,10000\n"


def test_the_courses_three_numbers_are_not_enough_evidence() -> None:
    """None of its differences is supported, and each says how many seeds it would take."""
    pairs = judge(parse(COURSE))
    assert [pair.kind for pair in pairs] == [Kind.open] * 3
    assert words.headline(pairs) == "Not enough evidence for any of the 3 claimed differences."
    assert (pairs[0].first.name, pairs[0].second.name) == ("group", "batch")
    assert [5 < (pair.seeds or 0) < 40 for pair in pairs] == [True] * 3
    assert all("one seed each" in words.sentence(pair) for pair in pairs)


def test_one_seed_never_wins() -> None:
    """However far two single runs lie apart; two seeds each would show it."""
    (pair,) = judge([Claim("a", 99.0, 10_000), Claim("b", 50.0, 10_000, seeds=30)])
    assert pair.kind is Kind.open
    assert pair.p is None
    assert pair.seeds == 2


def test_welch_agrees_with_scipy() -> None:
    """With means, sds and seeds told, the p-value is scipy's, and two comparisons cost what Holm says."""
    claims = [Claim("a", 99.31, 10_000, 10, 0.05), Claim("b", 99.25, 10_000, 6, 0.07)]
    (pair,) = judge(claims)
    wanted = stats.ttest_ind_from_stats(99.31, 0.05, 10, 99.25, 0.07, 6, equal_var=False).pvalue
    assert pair.p == pytest.approx(wanted)
    worst = max(p.p or 0 for p in judge([*claims, Claim("c", 90.0, 10_000, 5, 0.1)]))
    assert worst == pytest.approx(wanted)


def test_the_usual_spread_is_jordans() -> None:
    """At 99.28 % of 10,000 images seeds scatter by √(0.0072 · 0.9928 / 20,000) = 0.060 points."""
    assert Claim("a", 99.28, 10_000).spread == pytest.approx(0.0598, abs=1e-4)
    assert Claim("a", 99.28, 10_000, sd=0.2).spread == 0.2
    assert Claim("a", 100.0, 10_000).spread > 0


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 10**6), st.integers(1, 50)), min_size=2, max_size=6))
def test_every_table_has_a_verdict_in_words(rows: list[tuple[float, int, int]]) -> None:
    """Whatever the numbers, every pair is told and nothing is NaN."""
    claims = [Claim(f"arm{i}", accuracy, images, seeds) for i, (accuracy, images, seeds) in enumerate(rows)]
    pairs = judge(claims)
    told = " ".join([words.headline(pairs), *map(words.sentence, pairs)])
    assert len(pairs) == len(rows) * (len(rows) - 1) // 2
    assert "nan" not in told.replace("claimed", "")
    assert all(np.isfinite(row["difference"]) for row in words.payload(pairs))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the columns name, accuracy, n and perhaps seeds, sd, se and source, got nothing"),
        ("name,acc\na,1\n", "got name, acc"),
        ("name,accuracy,n\na,101,10\nb,9,10\n", "line 2: accuracy: expected a number from 0 to 100, got 101"),
        ("name,accuracy,n\na,nan,10\nb,9,10\n", "line 2: accuracy: expected a number from 0 to 100, got nan"),
        ("name,accuracy,n\na,,10\nb,9,10\n", "line 2: accuracy: expected a number from 0 to 100, got nothing"),
        ("name,accuracy,n\na,99,10\nb,98,0\n", "line 3: n: expected a whole number from 1 on, got 0"),
        ("name,accuracy,n\na,99,10\nb,98\n", "line 3: n: expected a whole number from 1 on, got nothing"),
        ("name,accuracy,n,seeds\na,99,10,2.5\nb,98,9,1\n", "line 2: seeds: expected a whole number"),
        ("name,accuracy,n,sd\na,99,10,-1\nb,98,9,1\n", "line 2: sd: expected a number from 0 to 100, got -1"),
        ("name,accuracy,n\n,99,10\nb,98,9\n", "line 2: expected a name, got nothing"),
        ("name,accuracy,n\na,99,10\na,98,9\n", "the name 'a' stands twice"),
        ("name,accuracy,n\na,99,10\nb,0.98,9\n", "b: expected percent, as the others are, got 0.98"),
        ("name,accuracy,n\na,99,10\n", "expected 2 to 1,000 claims to compare, got 1"),
        ("name,accuracy,n\na,99,²\nb,98,9\n", "line 2: n: expected a whole number from 1 on, got ²"),
        ("name,accuracy,n,paper\na,99,9,A\nb,98,9,\n", "line 3: expected a source, got nothing"),
        ("name,accuracy,n,paper\na,99,9,A\nb,98,9,B\n", "expected two claims of one source to compare, got 2 sources"),
        ("name,accuracy,n,paper\na,99,9,A\na,98,9,A\n", "the name 'a' stands twice in 'A'"),
        ("name,accuracy,n,paper,group\na,99,9,A,x\n", "expected one column for the source, got paper and group"),
        (f"name,accuracy,n\na,99,{'9' * 5000}\nb,98,9\n", "line 2: n: expected a whole number from 1 on, got 999"),
        (f"name,accuracy,n\n{'a' * 200_000},99,9\n", "line 1: field larger than field limit"),
        ("name,accuracy,n\n" + "".join(f"a{n},99,9\n" for n in range(1001)), "2 to 1,000 claims to compare, got 1,001"),
    ],
)
def test_a_bad_table_is_told_with_its_line(text: str, said: str) -> None:
    """What was expected, what came, and where."""
    with pytest.raises(SpecError) as caught:
        parse(text, "t.csv")
    assert said in str(caught.value)
    assert str(caught.value).startswith("t.csv")


def test_a_table_as_people_write_it_is_read(tmp_path: Path) -> None:
    """Blanks, percent signs, thousands, columns in any order and a byte order mark."""
    path = tmp_path / "t.csv"
    path.write_text('N, Accuracy , name, seeds\n"10,000", 99.2%, batch norm,\n10_000,99,b,3\n', encoding="utf-8-sig")
    assert read(path) == [Claim("batch norm", 99.2, 10_000), Claim("b", 99.0, 10_000, 3)]
    with pytest.raises(SpecError, match=r"cannot read the claims .*: no such file or directory"):
        read(tmp_path / "none.csv")


def test_fractions_and_decimal_commas_are_read() -> None:
    """What an optimizer logs, and what a spreadsheet of half of Europe writes, are the same claims in percent."""
    wanted = [Claim("a", 99.5, 100, 3, 0.25), Claim("b", 99.0, 100, 3, 0.5)]
    assert parse("name,accuracy,n,seeds,sd\na,0.995,100,3,0.0025\nb,0.99,100,3,0.005\n") == wanted
    assert parse("name;accuracy;n;seeds;sd\na;99,5;100;3;0,25\nb;99;100;3;0,5\n") == wanted


def test_claims_of_two_papers_are_kept_apart() -> None:
    """Two papers of three rows each make six pairs, not fifteen, and each stands under its source."""
    claims = parse(
        "paper,name,accuracy,n\nA,bn,99.2,10000\nB,bn,88.6,10000\nA,ln,99.1,10000\nB,ln,88.2,10000\n"
        "A,gn,99.3,10000\nB,gn,88.1,10000\nC,bn,70,10000\n"
    )
    pairs = judge(claims)
    assert [(pair.first.source, pair.second.source) for pair in pairs] == [("A", "A")] * 3 + [("B", "B")] * 3
    told = [*words.lines(pairs), *words.alone(claims)]
    assert [line for line in told if not line.startswith(" ")] == [
        "A:",
        "B:",
        "C: one claim, nothing to compare it with.",
    ]
    assert [row["source"] for row in words.payload(pairs)] == [*"AAABBB"]


def test_twenty_points_of_single_seeds_are_told_otherwise_than_a_tenth() -> None:
    """Neither wins; of the large one it is said how far seeds would have to scatter, d / (1.96 √2), to make it."""
    (large,) = judge([Claim("a", 78.0, 10_000), Claim("b", 57.0, 10_000)])
    (small,) = judge([Claim("a", 78.1, 10_000), Claim("b", 78.0, 10_000)])
    assert (large.kind, small.kind) == (Kind.open, Kind.open)
    assert large.chance == pytest.approx(21 / (1.959964 * 2**0.5))
    assert (large.unusual, small.unusual) == (True, False)
    assert words.headline([large]).startswith(
        "No verdict on the claimed difference: larger than seeds would usually make"
    )
    assert words.sentence(large) == (
        "a over b by 21.00 points: no verdict, as the spread over seeds is not known (one seed each); it may be chance "
        "if seeds scatter by 7.58 points or more, and small classifiers usually have 0.35; about 2 seeds each would "
        "show a true difference of that size four times out of five."
    )
    assert "not enough evidence (one seed each)" in words.sentence(small)


def test_a_table_of_seeds_and_single_runs_says_both() -> None:
    """What is supported, and what is large but of one seed."""
    claims = [Claim("a", 99.0, 10_000, 9, 0.05), Claim("b", 98.0, 10_000, 9, 0.05), Claim("c", 60.0, 10_000)]
    assert words.headline(judge(claims)) == (
        "1 of 3 claimed differences is supported. 2 are larger than seeds would usually make, but of a single seed."
    )
    assert "and told is 0.05" in words.sentence(judge(claims)[0])


def test_test_images_that_may_make_a_difference_leave_nothing_to_the_seeds() -> None:
    """Half a point on 200 other images is chance with any seeds."""
    (pair,) = judge([Claim("a", 99.0, 10_000), Claim("b", 98.5, 200)])
    assert (pair.chance, pair.unusual) == (0.0, False)
