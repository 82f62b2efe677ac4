"""Runs of a table that came to no score, or to one far worse than their arm's others: they count as failures."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import normlab
from normlab.analysis import gather
from normlab.errors import SpecError
from normlab.report.exports import write
from normlab.report.tables import table
from normlab.stats.failures import Often
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make

BN = [99.31, 99.25, 99.36, 99.28, 99.33, 99.27, 99.35, 99.3, 99.26, 99.34]
LN = [99.52, 99.44, 99.56, 99.49, 99.51, 99.47, 99.55, 99.5, 99.45, 99.53]


def rows(ln: list[float], *, seeds: bool = True) -> list[dict[str, Any]]:
    """A table of the two arms."""
    return [
        {"norm": norm, **({"seed": seed} if seeds else {}), "acc": score}
        for norm, scores in {"bn": BN, "ln": ln}.items()
        for seed, score in enumerate(scores)
    ]


def test_a_run_without_a_finite_score_failed() -> None:
    """NaN on six of ten seeds: no verdict speaks for that arm, and that it fails more often is one of its own."""
    found = normlab.judge(rows([float("nan")] * 6 + LN[6:]))
    (pair,) = found.pairs
    assert (pair.kind, pair.verdict.withheld, pair.seeds) == (Kind.withheld, Kind.worse, ("6", "7", "8", "9"))
    assert (pair.failures.often, pair.failures.p) == (Often.less, pytest.approx(0.03125))
    assert found.headline == "No verdict on bn and ln, since an arm failed (4 seeds, paired)."
    assert (
        "6 runs whose acc is no finite number counted as failed: row 10, row 11, row 12, … and 3 more" in found.notes()
    )
    said = str(found)
    assert "bn against ln: no verdict, since ln failed on 6 seeds where bn did not." in said
    assert "Failed: ln 6 of 10; ln fails more often than bn." in said
    assert "4 (6 failed)" in said


def test_a_run_far_worse_than_its_arms_others_collapsed() -> None:
    """One of ten that loses a point: it is in the arm's mean, and in no difference."""
    found = normlab.judge(rows([*LN[:9], 98.5]))
    (pair,) = found.pairs
    assert (pair.kind, pair.seeds) == (Kind.withheld, tuple(map(str, range(9))))
    assert found.arms[1].mean < pair.first.mean + 0.12
    verdict, often, low = found.findings()
    assert verdict.startswith("bn against ln: no verdict. Where neither failed, bn is worse than ln: −0.198 (")
    assert verdict.endswith(
        "9 seeds); but ln failed on 1 seed where bn did not. Which to take depends on what a failure costs."
    )
    assert often == (
        "bn failed in 0 of 10 runs (0 to 32%), ln in 1 of 10 runs (0 to 45%): not enough evidence that either fails "
        "more often (p = 1.000)."
    )
    assert low == (
        "ln collapsed in 1 of 10 runs (98.50, where its others reach 99.50): its mean counts that, differences do not."
    )


def test_of_a_loss_the_highest_collapse() -> None:
    """Lower is better; an arm that is worse is so though it failed."""
    losses = [row | {"acc": round(100 - row["acc"], 6)} for row in rows([*LN[:9], 98.5])]
    found = normlab.judge(
        [{"norm": row["norm"], "seed": row["seed"], "loss": row["acc"]} for row in losses], margin=0.1
    )
    assert [pair.kind for pair in found.pairs] == [Kind.withheld]
    assert found.arms[1].collapsed.index(True) == 9
    bad = normlab.judge([*rows(LN)[10:], *rows(BN)[:9], {"norm": "bn", "seed": 9, "acc": float("nan")}])
    assert [pair.kind for pair in bad.pairs] == [Kind.worse]


def test_runs_without_seeds_are_counted_too() -> None:
    """By Fisher's test, beside Welch's."""
    found = normlab.judge(rows([float("nan")] * 6 + LN[6:], seeds=False))
    (pair,) = found.pairs
    assert (pair.kind, pair.paired, pair.runs) == (Kind.withheld, False, (10, 4))
    assert pair.failures.counts.failed == (0, 6)
    assert pair.failures.often is Often.less


def test_an_arm_that_never_came_to_a_score_is_left_out_and_said() -> None:
    """There is nothing to compare it by."""
    third = [{"norm": "gn", "seed": seed, "acc": float("inf")} for seed in range(3)]
    found = normlab.judge([*rows(LN), *third])
    assert [arm.name for arm in found.arms] == ["bn", "ln"]
    assert "every run of gn failed: there is no score to compare" in found.notes()


def test_arms_that_never_both_came_through_cannot_be_compared() -> None:
    """Each failed where the other did not; pairs by seed are not given up for that."""
    nan = float("nan")
    found = normlab.judge(
        {"seed": [1, 2, 3, 4], "bn": [99.1, 99.2, nan, nan], "ln": [nan, nan, 99.1, 99.3]}, score="acc"
    )
    assert found.findings()[0] == "bn against ln: no seed on which neither failed, so they cannot be compared."
    assert "nan" not in str(found)


@pytest.mark.parametrize("score", ["acc", "loss"])
def test_a_table_of_failures_alone_is_refused(score: str) -> None:
    """Whether or not it is known what a usual difference is: nothing says how good an arm is."""
    failed = [
        {"norm": norm, "seed": seed, score: float(way)}
        for norm in ("bn", "ln")
        for seed, way in enumerate(("nan", "inf"))
    ]
    with pytest.raises(SpecError, match=f"no run to judge: no {score} is a finite number"):
        normlab.judge(failed)


def test_the_numbers_are_plain_values() -> None:
    """JSON has what is withheld, and the failures of each pair."""
    told = json.loads(json.dumps(normlab.judge(rows([float("nan")] * 6 + LN[6:])).to_dict(), allow_nan=False))
    (pair,) = told["pairs"]
    assert (pair["verdict"], pair["withheld"]) == ("withheld", "worse")
    assert (pair["failures"]["failed"], pair["failures"]["verdict"]) == ([0, 6], "fails less often")
    assert told["arms"][1]["lost"] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.slow
def test_a_studys_failed_runs_are_judged_as_the_study_judges_them(form: str, make: Make, tmp_path: Path) -> None:
    """From its table of runs, and from its results in JSON."""
    made = make(
        vary={"norm": ["bn", "ln"]},
        seeds=10,
        images=10_000,
        errors={"bn": 0.012},
        diverged=[("ln", seed, 1) for seed in range(3)],
        collapsed=[("ln", 5, 2.0)],
    )
    if form == "csv":
        path, score = write(made, "csv", tmp_path / "out").files[-1], "final_accuracy"
    else:
        path, score = tmp_path / "results.json", "judged_accuracy"
        path.write_text(table(made, "json"))
    (pair,), (contrast,) = normlab.judge(path, arm="arm", score=score).pairs, gather(made).contrasts
    assert (pair.kind, pair.verdict.withheld) == (contrast.verdict.kind, contrast.verdict.withheld)
    assert pair.failures == contrast.failures
    assert pair.mean == pytest.approx(contrast.mean)


@pytest.mark.slow
def test_a_page_says_it_too(tmp_path: Path) -> None:
    """With how often each arm fails."""
    page = normlab.judge(rows([float("nan")] * 6 + LN[6:])).report(tmp_path / "page.html").read_text()
    assert "ln in 6 of 10 runs (26 to 88%): ln fails more often (p = 0.031)." in page
    assert "NaN" not in page.partition('id="numbers">')[2].partition("</script>")[0]


def test_words_in_a_file_are_numbers_or_an_error(tmp_path: Path) -> None:
    """`nan` is what a run diverged to; a word is a mistake."""
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["norm", "seed", "acc"])
        writer.writerows([[row["norm"], row["seed"], row["acc"]] for row in rows([float("nan")] * 6 + LN[6:])])
    assert normlab.judge(path).pairs[0].kind is Kind.withheld
