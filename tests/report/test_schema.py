"""The names of `--format json` are published, and stay."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from normlab.records import Alone, Comparison
from normlab.report.tables import table
from normlab.spec import design
from normlab.spec.registration import Design, Registered, Registration

if TYPE_CHECKING:
    from comparisons import Make


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """Of the schema that the package carries."""
    schema: dict[str, Any] = json.loads((resources.files("normlab.report") / "results.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def faults(validator: Draft202012Validator, comparison: Comparison) -> list[str]:
    """What the schema does not say of a comparison, or says and is not there."""
    return [
        f"{each.json_path}: {each.message}" for each in validator.iter_errors(json.loads(table(comparison, "json")))
    ]


@pytest.mark.slow
def test_the_main_job_is_what_the_schema_says(validator: Draft202012Validator, six: Comparison) -> None:
    """Every name, and no other; Σ|w| and zeros among them."""
    assert faults(validator, six) == []
    weights = json.loads(table(six, "json"))["weights"]
    assert [row["arm"] for row in weights if row["abs_sum_mean"] > 0 and row["zero_percent_mean"] >= 0]


@pytest.mark.slow
def test_so_is_a_study_without_a_run_or_with_diverged_ones(validator: Draft202012Validator, make: Make) -> None:
    """Numbers that are not there are null."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    assert faults(validator, make(arms=arms, missing=6)) == []
    assert faults(validator, make(arms=arms, seeds=1)) == []
    assert faults(validator, make(arms=arms, diverged=[("ln", seed, 1) for seed in range(3)])) == []


@pytest.mark.long
def test_so_is_a_verdict_that_is_withheld(validator: Draft202012Validator, make: Make) -> None:
    """What the differences show, and how often each arm failed, stand beside it; also of interactions."""
    failed = [("ln", seed, 1) for seed in range(6)]
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=10, errors={"bn": 0.012}, diverged=failed, images=10_000)
    assert faults(validator, made) == []
    (pair,) = json.loads(table(made, "json"))["questions"][0]["contrasts"]
    assert (pair["verdict"], pair["withheld"]) == ("withheld", "worse")
    assert (pair["failures"]["failed"], pair["failures"]["verdict"]) == ([0, 6], "fails less often")
    crossed = {"norm": ["bn", "ln"], "batch_size": [16, 64]}
    made = make(
        vary=crossed, seeds=10, errors={"bn · batch 16": 0.03}, collapsed=[("ln · batch 64", 1, 2.0)], images=10_000
    )
    assert faults(validator, made) == []
    told = json.loads(table(made, "json"))
    assert {each["verdict"] for each in told["interactions"]} == {"withheld"}
    assert sum(arm["seeds_collapsed"] for arm in told["arms"]) == 1


def test_seeds_that_wait_are_told(validator: Draft202012Validator, make: Make) -> None:
    """Which, and for which: they are in no difference yet."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=4, until_settled=True)
    gap = replace(made, runs=[run for run in made.runs if (run.arm, run.seed) != ("ln", 1)])
    assert faults(validator, gap) == []
    (contrast,) = json.loads(table(gap, "json"))["questions"][0]["contrasts"]
    assert (contrast["seeds"], contrast["waiting"], contrast["awaited"]) == ([0], [2, 3], 1)


@pytest.mark.slow
def test_how_far_a_pair_is_from_a_verdict_is_a_range(validator: Draft202012Validator, make: Make) -> None:
    """Of seeds to add and of those of a new study; the chance is that of a study that stops when it is settled."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    fixed, settling = make(arms=arms, seeds=3), make(arms=arms, seeds=40, until_settled=True, missing=70)
    assert faults(validator, fixed) == faults(validator, settling) == []
    (one,), (other,) = (json.loads(table(made, "json"))["questions"][0]["contrasts"] for made in (fixed, settling))
    assert one["more_range"]["low"] <= one["more"]
    assert one["fresh_range"]["low"] <= one["fresh"]
    assert (one["chance"], other["fresh_range"]) == (None, None)
    assert 0 < other["chance"] < 1


def test_so_is_a_study_that_was_registered(validator: Draft202012Validator, make: Make) -> None:
    """When, after how many runs, the design's digest, and what is otherwise now."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}])
    was, now = (Design.of(study, study.digests, "") for study in (made.study, design(made.study, seeds=8)))
    known: dict[str, Any] = {
        "registered": "2026-11-30T12:00:00+00:00",
        "trained": 4,
        "digest": was.digest,
        "design": was,
    }
    registration = Registration(study=made.study.name, **known)
    told = replace(made, registered=Registered(registration=registration, now=now))
    assert faults(validator, told) == []
    found = json.loads(table(told, "json"))["registered"]
    assert (found["trained"], found["design"]) == (4, was.digest)
    assert found["differences"] == ["there are 8 seeds, not 3 seeds"]


@pytest.mark.slow
def test_so_is_a_path(validator: Draft202012Validator, make: Make) -> None:
    """With its points, the choice among them and its one look at the test images."""
    lambdas = (1e-4, 1e-3, 1e-2)
    arms = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in lambdas)]
    made = make(arms=arms, holdout=1_000, warm_start=True)
    assert faults(validator, made) == []
    tested = {arm.name: [99.0, 99.1, 99.3] for arm in made.study.arms}
    assert faults(validator, replace(made, tested=tested)) == []
    (path,) = json.loads(table(replace(made, tested=tested), "json"))["paths"]
    assert len(path["points"]) == 4
    assert path["tested"]["chosen"]["values"] == [99.0, 99.1, 99.3]


@pytest.mark.slow
def test_a_name_that_is_not_published_is_noticed(validator: Draft202012Validator, six: Comparison) -> None:
    """Nothing comes or goes by accident."""
    told = json.loads(table(six, "json"))
    told["weights"][0]["odd"] = 1
    del told["headline"]
    assert len(list(validator.iter_errors(told))) == 2


def test_the_interval_on_other_images_stands_beside_the_first(validator: Draft202012Validator, make: Make) -> None:
    """At its level and never narrower; null where there is one seed."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    several, one = make(arms=arms, seeds=5), make(arms=arms, seeds=1)
    assert faults(validator, several) == faults(validator, one) == []
    (pair,), (alone,) = (json.loads(table(made, "json"))["questions"][0]["contrasts"] for made in (several, one))
    here, there = pair["interval"], pair["on_other_images"]
    assert there["low"] <= here["low"] < here["high"] <= there["high"]
    assert there["level"] == here["level"]
    assert pair["images_alone"] >= 0
    assert (alone["on_other_images"], alone["images_alone"]) == (None, None)


def test_where_the_variance_comes_from_is_told(validator: Draft202012Validator, make: Make) -> None:
    """Of a study that asks, with runs in which one source varies and without; null of others."""
    asked = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=6, sources=True)
    alone = [replace(run, job=replace(run.job, only="order")) for run in asked.runs]
    known = replace(asked, alone=[Alone("order", alone, [asked.labels] * len(alone), 2)])
    assert faults(validator, asked) == []
    assert faults(validator, known) == []
    told = json.loads(table(known, "json"))["sources"]
    assert [part["source"] for part in told["arms"][0]["sources"]] == ["order"]
    assert told["arms"][0]["sources"][0]["share"]["value"] == pytest.approx(1)
    assert told["absent"] == ["init", "augment", "dropout", "split"]
    assert (told["runs_missing"], len(told["answers"])) == (2, 2)
    assert json.loads(table(make(arms=[{"norm": "bn"}]), "json"))["sources"] is None
