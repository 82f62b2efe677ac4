"""Where the variance between seeds of a study comes from, by runs in which one source varies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from normlab.analysis import gather
from normlab.analysis.sources import Sources
from normlab.records import Alone, Comparison
from normlab.seeds import Source

if TYPE_CHECKING:
    from comparisons import Make

ARMS = [{"norm": "bn"}, {"norm": "ln"}]


def varied(comparison: Comparison, source: Source, wrong: dict[str, list[int]], owed: int = 0) -> Comparison:
    """The comparison with runs in which that source alone varies, by how many images each seed of an arm gets wrong."""
    runs = []
    for run in comparison.runs:
        epoch = replace(run.final, judged_correct=len(comparison.labels) - wrong[run.arm][run.seed])
        runs.append(replace(run, job=replace(run.job, only=source), epochs=[*run.epochs[:-1], epoch]))
    labels = [comparison.labels] * len(runs)
    return replace(comparison, alone=(*comparison.alone, Alone(source, runs, labels, owed)))


def ordinary(comparison: Comparison, wrong: dict[str, list[int]]) -> Comparison:
    """The comparison whose own runs get so many images wrong."""
    return replace(comparison, runs=varied(comparison, "init", wrong).alone[-1].runs)


def found(comparison: Comparison) -> Sources:
    sources = gather(comparison).sources
    assert sources is not None
    return sources


@pytest.fixture
def six_seeds(make: Make) -> Comparison:
    """Two arms: the order brings most of the variance, the same to both; the weights bring little."""
    weights, order = np.array([1, -1, 1, -1, 1, -1]), np.array([-9, 7, 9, -8, -7, 8])
    made = make(arms=ARMS, seeds=6, images=10_000, epochs=2, sources=["init", "order", "dropout"])
    both = {"bn": (100 + weights + order).tolist(), "ln": (120 - weights + order).tolist()}
    made = ordinary(made, both)
    made = varied(made, "init", {"bn": (100 + weights).tolist(), "ln": (120 - weights).tolist()}, owed=1)
    return varied(made, "order", {"bn": (100 + order).tolist(), "ln": (120 + order).tolist()})


def test_each_source_has_its_share(six_seeds: Comparison) -> None:
    """In points, and of the variance of ordinary runs; what is left over is small, for they add up."""
    arm = found(six_seeds).arms[0]
    sds = {part.source: part.sd.value for part in (arm.total, *arm.parts) if part.sd}
    assert sds["init"] == pytest.approx(0.01 * np.std([1, -1, 1, -1, 1, -1], ddof=1))
    shares = {part.source: part.share.value for part in arm.parts if part.share}
    assert shares["order"] > 0.8
    assert shares["init"] < 0.05
    assert arm.left is not None
    assert arm.left.value == pytest.approx(1 - sum(shares.values()))
    assert arm.leader == "order"


def test_pairing_removes_what_arms_have_in_common(six_seeds: Comparison) -> None:
    """All of what the order brings here, and it adds to what the weights bring, which go opposite ways."""
    pairs = {each.source: each for each in found(six_seeds).pairs}
    assert {source: round(each.removed.value, 6) for source, each in pairs.items() if each.removed and source} == {
        "init": -1.0,
        "order": 1.0,
    }
    assert pairs["order"].correlation == pytest.approx(1)
    assert pairs[""].removed is not None
    assert 0.9 < pairs[""].removed.value < 1


@pytest.mark.slow
def test_what_no_arm_has_is_named_and_what_is_owed_counted(six_seeds: Comparison) -> None:
    """No arm drops anything here, and one run is still to come."""
    assert (found(six_seeds).absent, found(six_seeds).owed) == (("dropout",), 1)


def test_a_study_that_does_not_ask_has_none(make: Make) -> None:
    """Nothing is said of sources."""
    assert gather(make(arms=ARMS, seeds=6)).sources is None


@pytest.mark.slow
def test_the_choice_of_images_is_no_part_of_the_total(six_seeds: Comparison) -> None:
    """Ordinary runs share their images, so what that brings stands apart, judged by each run's own labels."""
    split = varied(six_seeds, "split", {arm: [100, 140, 60, 120, 80, 100] for arm in ("bn", "ln")})
    arm = found(split).arms[0]
    assert [part.source for part in arm.parts] == ["init", "order"]
    (apart,) = arm.apart
    assert apart.sd is not None
    assert apart.sd.value == pytest.approx(0.01 * np.std([100, 140, 60, 120, 80, 100], ddof=1))
    assert arm.left == found(six_seeds).arms[0].left


def test_too_few_seeds_have_no_leader(make: Make) -> None:
    """Four seeds say nothing of a variance, however clear they look."""
    made = make(arms=ARMS, seeds=4, images=10_000, sources=["init", "order"])
    made = varied(made, "init", {arm: [100, 101, 100, 101] for arm in ("bn", "ln")})
    made = varied(made, "order", {arm: [50, 150, 60, 140] for arm in ("bn", "ln")})
    assert [arm.leader for arm in found(made).arms] == [None, None]


def test_images_alone_are_told_for_scale(six_seeds: Comparison) -> None:
    """√(p(1 − p) / n) of the arm's mean accuracy; of another outcome there is none."""
    arm = found(six_seeds).arms[0]
    assert arm.images == pytest.approx(0.0995, abs=1e-3)
