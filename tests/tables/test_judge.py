from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import normlab
from normlab.errors import SpecError
from normlab.stats import multiplicity
from normlab.stats.verdict import Kind
from normlab.tables import Judgement

BN, GN, LN = (
    (99.31, 99.25, 99.36, 99.30, 99.28),
    (99.43, 99.37, 99.46, 99.44, 99.39),
    (99.33, 99.31, 99.32, 99.38, 99.25),
)
WIDE: dict[str, Any] = {"seed": [1, 2, 3, 4, 5], "bn": BN, "gn:4": GN, "ln": LN}
LONG = [
    {"norm": arm, "seed": seed, "acc": score}
    for arm, scores in (("bn", BN), ("gn:4", GN), ("ln", LN))
    for seed, score in enumerate(scores, 1)
]
INVERSE = {Kind.better: Kind.worse, Kind.worse: Kind.better}
CONFIDENCE = 0.955
"""What a first verdict at 95 % holds with."""


def kinds(found: Judgement) -> dict[tuple[str, str], Kind]:
    """The verdict on each pair by its names."""
    return {(pair.first.name, pair.second.name): pair.kind for pair in found.pairs}


def test_paired_numbers_are_scipys() -> None:
    """The difference, its p-value by Holm, and the interval at the step of each pair."""
    found = normlab.judge(LONG)
    pairs = [(BN, GN), (BN, LN), (GN, LN)]
    wanted = multiplicity.holm([stats.ttest_rel(*pair).pvalue for pair in pairs])
    assert [pair.verdict.differs for pair in found.pairs] == pytest.approx(wanted)
    assert [pair.mean for pair in found.pairs] == pytest.approx([np.mean(a) - np.mean(b) for a, b in pairs])
    first = found.pairs[0].interval
    assert first is not None
    assert first.level == pytest.approx(1 - (1 - CONFIDENCE) / 3)
    assert (first.low, first.high) == pytest.approx(tuple(stats.ttest_rel(BN, GN).confidence_interval(first.level)))
    assert kinds(found) == {
        ("bn", "gn:4"): Kind.worse,
        ("bn", "ln"): Kind.equivalent,
        ("gn:4", "ln"): Kind.better,
    }


def test_unpaired_numbers_are_scipys() -> None:
    """Without a seed column it is Welch's test, and that is said."""
    found = normlab.judge([{"norm": row["norm"], "acc": row["acc"]} for row in LONG])
    wanted = multiplicity.holm(
        [stats.ttest_ind(a, b, equal_var=False).pvalue for a, b in ((BN, GN), (BN, LN), (GN, LN))]
    )
    assert [pair.verdict.differs for pair in found.pairs] == pytest.approx(wanted)
    interval = found.pairs[0].interval
    assert interval is not None
    welch = stats.ttest_ind(BN, GN, equal_var=False).confidence_interval(interval.level)
    assert (interval.low, interval.high) == pytest.approx(tuple(welch))
    assert found.notes() == ["no seed column: compared unpaired, by Welch's test"]


@pytest.mark.parametrize(
    "given",
    [
        WIDE,
        [
            {"norm": arm, **{f"seed {place}": score for place, score in enumerate(WIDE[arm])}}
            for arm in ("bn", "gn:4", "ln")
        ],
        pa.Table.from_pylist(LONG),
        {
            "norm": [row["norm"] for row in LONG],
            "seed": [row["seed"] for row in LONG],
            "acc": [row["acc"] for row in LONG],
        },
    ],
    ids=["a column an arm", "a row an arm", "pyarrow", "columns"],
)
def test_every_layout_has_the_same_verdicts(given: Any) -> None:
    """Long or wide, and whatever holds it."""
    found = normlab.judge(given, score="accuracy" if given is WIDE or isinstance(given, list) else None)
    assert found.findings() == normlab.judge(LONG).findings()


def test_a_mean_beside_seeds_is_no_seed() -> None:
    """As people write it at the end of each row."""
    rows = [{"norm": arm, **{f"run_{place}": score for place, score in enumerate(WIDE[arm])}} for arm in ("bn", "ln")]
    summed = [{**row, "mean": 99.3, "std": 0.04} for row in rows]
    assert normlab.judge(summed, score="acc").findings() == normlab.judge(rows, score="acc").findings()


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_frames_are_taken(package: str) -> None:
    """Of the packages that are here; an index that has a name is a column like others."""
    frames = pytest.importorskip(package)
    assert normlab.judge(frames.DataFrame(LONG)).findings() == normlab.judge(LONG).findings()
    if package == "pandas":
        wide = frames.DataFrame(LONG).pivot(index="seed", columns="norm", values="acc")
        assert normlab.judge(wide, score="acc").findings() == normlab.judge(LONG).findings()


class Pandas:
    """What is asked of a pandas DataFrame."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.index = type("Index", (), {"names": [None]})()

    def reset_index(self) -> Pandas:
        """Not called: the index has no name."""
        return self

    def to_dict(self, orient: str) -> dict[str, list[Any]]:
        """The columns as lists."""
        assert orient == "list"
        return {name: [row[name] for row in self.rows] for name in self.rows[0]}


def test_a_frame_is_known_by_its_methods() -> None:
    """No package is needed for it."""
    assert normlab.judge(Pandas(LONG)).findings() == normlab.judge(LONG).findings()


def test_files_are_read(tmp_path: Path) -> None:
    """CSV with any of four separators, and JSON lines."""
    rows = [tuple(map(str, row.values())) for row in LONG]
    for separator in ",;\t|":
        path = tmp_path / "runs.csv"
        path.write_text(
            "\n".join(separator.join(row) for row in [("norm", "seed", "acc"), *rows]), encoding="utf-8-sig"
        )
        assert normlab.judge(path).findings() == normlab.judge(LONG).findings()
    lines = tmp_path / "runs.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in LONG))
    assert normlab.judge(str(lines)).findings() == normlab.judge(LONG).findings()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read(tmp_path: Path, separator: str) -> None:
    """As spreadsheets write them in half of Europe; levels of an arm have them too."""
    path = tmp_path / "runs.csv"
    rows = [(row["norm"], str(row["seed"]), str(row["acc"]).replace(".", ",")) for row in LONG]
    path.write_text("\n".join(separator.join(row) for row in [("norm", "seed", "acc"), *rows]))
    assert normlab.judge(path).findings() == normlab.judge(LONG).findings()


def test_a_comma_beside_points_is_no_decimal_one(tmp_path: Path) -> None:
    """32,64 are two layers then, and not a number."""
    path = tmp_path / "runs.csv"
    path.write_text("model;seed;acc\n32,64;1;99.1\n32,64;2;99.2\n32;1;99.3\n32;2;99.3\n")
    assert [arm.name for arm in normlab.judge(path).arms] == ["32", "32,64"]


scores = st.integers(9700, 9999).map(lambda hundredths: hundredths / 100)
tables = st.lists(st.tuples(scores, scores, scores), min_size=1, max_size=8).map(
    lambda rows: [
        {"arm": arm, "seed": seed, "acc": score}
        for seed, row in enumerate(rows)
        for arm, score in zip("abc", row, strict=True)
    ]
)


@given(tables, st.randoms(use_true_random=False), st.booleans())
@pytest.mark.long
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, Any]], rng: random.Random, seeded: bool) -> None:
    """Paired and unpaired, to the last digit."""
    rows = rows if seeded else [{"arm": row["arm"], "acc": row["acc"]} for row in rows]
    shuffled = rng.sample(rows, len(rows))
    assert normlab.judge(shuffled).to_dict() == normlab.judge(rows).to_dict()


@given(tables)
@pytest.mark.long
def test_swapping_the_direction_flips_better_and_worse(rows: list[dict[str, Any]]) -> None:
    """And nothing else, where no run collapses: which runs do, lies on the side that is worse."""
    up, down = (normlab.judge(rows, lower_is_better=lower) for lower in (False, True))
    assume(not any(arm.failures for arm in (*up.arms, *down.arms)))
    assert kinds(down) == {names: INVERSE.get(kind, kind) for names, kind in kinds(up).items()}
    assert [pair.interval for pair in down.pairs] == [pair.interval for pair in up.pairs]


@given(tables)
@pytest.mark.long
def test_turning_scores_around_changes_nothing(rows: list[dict[str, Any]]) -> None:
    """An error of 0.6 % where lower is better is an accuracy of 99.4 %, failures included."""
    quality = [{"arm": row["arm"], "seed": row["seed"], "q": row["acc"]} for row in rows]
    errors = [row | {"q": round(100 - row["q"], 6)} for row in quality]
    one = normlab.judge(quality, score="q", margin=0.1, lower_is_better=False)
    other = normlab.judge(errors, score="q", margin=0.1, lower_is_better=True)
    assert kinds(one) == kinds(other)
    assert [arm.failures for arm in one.arms] == [arm.failures for arm in other.arms]


@given(tables, st.sampled_from(["acc", "f1"]), st.sampled_from(["seed", "time"]))
@pytest.mark.long
def test_every_table_is_told_in_lines_that_fit(rows: list[dict[str, Any]], score: str, seed: str) -> None:
    """At most 15 lines of 80 letters for three arms, and nothing in them is NaN."""
    named = [{"arm": row["arm"], seed: row["seed"], score: row["acc"]} for row in rows]
    lines = str(normlab.judge(named)).splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 80
    assert "nan" not in " ".join(lines)


def test_equal_differences_show_no_spread() -> None:
    """Even where floats make them differ in the last digit: 0.3 − 0.2 is not 0.2 − 0.1."""
    rows = {"seed": [1, 2, 3], "a": [99.1, 99.2, 99.3], "b": [99.0, 99.1, 99.2]}
    (pair,) = normlab.judge(rows, score="acc").pairs
    assert (pair.kind, pair.verdict.effect) == (Kind.open, None)
    assert "shows no spread" in normlab.judge(rows, score="acc").findings()[0]


def test_lower_is_better_for_a_loss() -> None:
    """By its name; differences stay first − second."""
    rows = [row | {"loss": 100 - row.pop("acc")} for row in map(dict, LONG)]
    found = normlab.judge(rows, margin=0.1)
    assert found.lower_is_better
    assert kinds(found) == kinds(normlab.judge(LONG))
    assert found.pairs[0].mean == pytest.approx(0.118)
    assert found.findings()[0].startswith("bn is worse than gn:4: +0.118")


def test_the_last_epoch_counts() -> None:
    """Not the best one, and that is said; rows between that have no score are passed over."""
    rows = [row | {"epoch": 2} for row in LONG]
    rows += [row | {"epoch": 1, "acc": 99.9} for row in LONG] + [row | {"epoch": 3, "acc": ""} for row in LONG]
    found = normlab.judge(rows)
    assert found.findings() == normlab.judge(LONG).findings()
    assert found.notes() == ["the last epoch of each run counts (2), not its best one"]


def test_the_curves_of_two_arms_are_two_runs() -> None:
    """However many epochs they have; with seeds, the last epoch of each seed counts."""
    curves = {"epoch": [1, 2, 3], "bn": [97.0, 98.0, 99.0], "ln": [97.5, 98.5, 99.5]}
    found = normlab.judge(curves, score="acc")
    assert [(arm.name, arm.scores) for arm in found.arms] == [("bn", (99.0,)), ("ln", (99.5,))]
    assert found.headline == "One run cannot tell these 2 arms apart."
    seeded = {name: [*cells, *cells] for name, cells in curves.items()} | {"seed": [1, 1, 1, 2, 2, 2]}
    assert normlab.judge(seeded, score="acc").arms[0].scores == (99.0, 99.0)


def test_a_column_without_a_name_is_no_arm(tmp_path: Path) -> None:
    """Pandas writes its index into one."""
    path = tmp_path / "wide.csv"
    path.write_text(",seed,bn,ln\n0,1,99.1,99.2\n1,2,99.0,99.3\n")
    assert [arm.name for arm in normlab.judge(path, score="acc").arms] == ["bn", "ln"]


def test_factors_are_crossed() -> None:
    """Arms are compared that differ in one factor alone, or all with the baseline."""
    rows = [row | {"lr": rate} for rate in (0.1, 0.01) for row in LONG if row["norm"] != "ln"]
    found = normlab.judge(rows, arm=["norm", "lr"])
    assert [arm.name for arm in found.arms] == [
        "norm=bn, lr=0.01",
        "norm=bn, lr=0.1",
        "norm=gn:4, lr=0.01",
        "norm=gn:4, lr=0.1",
    ]
    assert len(found.pairs) == 4
    with_base = normlab.judge(rows, arm=["norm", "lr"], baseline="norm=bn, lr=0.1")
    assert {pair.second.name for pair in with_base.pairs} == {"norm=bn, lr=0.1"}
    assert len(with_base.pairs) == 3


def test_levels_that_are_numbers_stand_in_their_order() -> None:
    """8 before 16 before 128."""
    rows = [{"arm": size, "seed": seed, "acc": 90 + seed} for size in ("128", "8", "16") for seed in (1, 2)]
    assert [arm.name for arm in normlab.judge(rows).arms] == ["8", "16", "128"]


def test_arms_that_share_some_seeds_are_paired_on_these() -> None:
    """And that is said; arms that share none are compared unpaired, in the same table."""
    rows = [*LONG[:10], {"norm": "bn", "seed": 6, "acc": 99.3}]
    found = normlab.judge(rows)
    assert found.pairs[0].seeds == ("1", "2", "3", "4", "5")
    assert "the seeds that both arms have" in found.notes()[0]
    apart = normlab.judge([*LONG[:10], *(row | {"seed": f"x{row['seed']}"} for row in LONG[10:])])
    assert [pair.paired for pair in apart.pairs] == [True, False, False]
    assert "some paired" in apart.headline
    assert apart.notes() == ["arms that share no seeds: compared unpaired, by Welch's test"]


def test_two_seeds_print_no_interval_while_a_pair_is_open() -> None:
    """It may reach over all scores there are, and means nothing; one that is settled has it."""
    found = normlab.judge([row for row in LONG if row["seed"] in (1, 2)])
    told = dict(zip([pair.kind for pair in found.pairs], found.findings(), strict=True))
    assert re.search(r"\(2 seeds\), not enough evidence; \d+ to \d+ more seeds would settle it", told[Kind.open])
    assert "(2 seeds), not enough evidence" in told[Kind.open]


def test_one_seed_cannot_tell() -> None:
    """However large the difference."""
    found = normlab.judge([row for row in LONG if row["seed"] == 1])
    assert found.headline == "One seed cannot tell these 3 arms apart."
    assert {pair.kind for pair in found.pairs} == {Kind.open}


@pytest.mark.parametrize(("scale", "score", "margin"), [(1, "acc", 0.1), (0.01, "acc", 0.001), (0.01, "f1", None)])
def test_the_margin_is_known_for_accuracies_alone(scale: float, score: str, margin: float | None) -> None:
    """0.1 points in percent, the same in fractions; without one nothing is equivalent, and that is said."""
    found = normlab.judge([{"norm": row["norm"], "seed": row["seed"], score: scale * row["acc"]} for row in LONG])
    assert found.margin == margin
    assert (Kind.equivalent in kinds(found).values()) is (margin is not None)
    assert bool(found.notes()) is (margin is None)


def test_no_margin_gives_what_a_margin_gives_of_differences() -> None:
    """Better and worse are as they would be with one that is too narrow for anything."""
    without = normlab.judge([{"norm": row["norm"], "seed": row["seed"], "f1": row["acc"]} for row in LONG])
    narrow = normlab.judge(LONG, margin=1e-9)
    assert kinds(without) == kinds(narrow)
    assert [pair.verdict.more for pair in without.pairs] == [pair.verdict.more for pair in narrow.pairs]
    assert {pair.verdict.equal for pair in without.pairs} == {None}


@pytest.mark.slow
def test_a_result_shows_itself() -> None:
    """On one line where it is printed, as a table in a notebook, where names are text and no markup."""
    rows = [row | {"norm": "<b>bn" if row["norm"] == "bn" else row["norm"]} for row in LONG]
    found = normlab.judge(rows)
    assert repr(found) == "Judgement(3 arms, 3 of 3 pairs settled)"
    page = found._repr_html_()
    assert "&lt;b&gt;bn" in page
    assert "<b>bn" not in page
    assert json.loads(json.dumps(found.to_dict()))["pairs"][0]["verdict"] == "worse"


def test_what_it_is_made_of_shows_itself_on_a_line() -> None:
    """However many seeds there are."""
    found = normlab.judge(LONG)
    assert repr(found.arms[0]) == "TableArm('bn', mean 99.3 of 5)"
    assert repr(found.pairs[0]) == "TablePair('bn' − 'gn:4': -0.118, worse)"


def test_a_name_that_moves_the_cursor_is_spelled_out() -> None:
    """It comes from outside."""
    rows = [row | {"norm": "b\x1b[2Jn" if row["norm"] == "bn" else row["norm"]} for row in LONG]
    assert "\x1b" not in str(normlab.judge(rows))


def test_a_table_that_has_grown_is_judged_by_rules_that_allow_it() -> None:
    """By confidence sequences over the seeds that arms share, which claim less of the same runs; and that is said."""
    found = normlab.judge(LONG, grown=True)
    once = normlab.judge(LONG)
    assert [pair.verdict.differs for pair in found.pairs] == [None] * 3
    assert sum(pair.verdict.settled for pair in found.pairs) < sum(pair.verdict.settled for pair in once.pairs)
    assert "grew after a look" in found.notes()[0]
    with pytest.raises(SpecError, match="bn and gn:4 share none"):
        normlab.judge([{"norm": row["norm"], "acc": row["acc"]} for row in LONG], grown=True)
