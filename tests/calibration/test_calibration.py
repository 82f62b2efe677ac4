from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from normlab.calibration import collapse_results, draws, over_data_results, pool, results, said
from normlab.calibration.at_once import at_once
from normlab.calibration.calibrate import calibrate
from normlab.calibration.collapses import collapses
from normlab.calibration.collapses_looked_at import collapses_looked_at
from normlab.calibration.contaminated import Case, kept, pairs, sound
from normlab.calibration.few_errors import few_errors
from normlab.calibration.foretold import foretold
from normlab.calibration.in_flight import _with, in_flight
from normlab.calibration.looked_at import looked_at
from normlab.calibration.other_images import KINDS, _pairs, other_images
from normlab.calibration.over_data import over_data
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.calibration.settling import settling
from normlab.errors import SpecError, StoreError, UnknownName
from normlab.stats.looks import Looks
from normlab.stats.verdict import USUAL, Kind, Rules, verdicts

pytestmark = pytest.mark.slow  # thousands of studies are simulated

if TYPE_CHECKING:
    from comparisons import Make

thousands = pytest.mark.slow  # of studies are simulated: a small rate is not known from fewer


def made_up(runs: int = 120, images: int = 5_000) -> Pool:
    """Runs whose images are missed independently, some far more often than others."""
    rng = np.random.default_rng(1)
    chance = rng.beta(0.02, 2.5, images)
    return pool.of_predictions(rng.random((runs, images)) < chance, "made up")


def test_a_pool_survives_its_file(tmp_path: Path) -> None:
    """Bits, image count and source come back; accuracies are those of all images."""
    one = made_up(9, 300)
    kept = pool.read(pool.write(one, tmp_path / "p.safetensors"))
    assert np.array_equal(kept.wrong, one.wrong)
    assert (kept.images, kept.source) == (300, "made up")
    assert kept.wrong.any(axis=0).all()
    assert kept.accuracies == pytest.approx(100 - 100 * one.wrong.sum(axis=1) / 300)


def test_another_file_is_no_pool(tmp_path: Path) -> None:
    """It is said, and nothing is guessed."""
    path = tmp_path / "p.safetensors"
    path.write_bytes(b"something else")
    with pytest.raises(StoreError, match="is no pool of runs"):
        pool.read(path)


def test_a_studys_runs_are_a_pool(make: Make) -> None:
    """Of one arm, with the images that its runs miss; an arm without a finished run has none."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=3, diverged=[("ln", seed, 1) for seed in range(3)])
    found = pool.of_comparison(comparison, "bn")
    assert found.accuracies == pytest.approx([run.final.judged_accuracy for run in comparison.of("bn")])
    with pytest.raises(SpecError, match="no run of ln has finished"):
        pool.of_comparison(comparison, "ln")
    with pytest.raises(UnknownName):
        pool.of_comparison(comparison, "gn")


def test_a_run_stands_in_one_arm_only() -> None:
    """Within a study no run is drawn twice, so arms are exchangeable."""
    drawn = draws.runs(made_up(), 50, 7, np.random.default_rng(0))
    assert drawn.shape == (50, draws.ARMS, 7)
    assert all(len(set(study.ravel())) == study.size for study in drawn)


def test_a_rate_has_clopper_and_pearsons_interval() -> None:
    """5 of 100: 1.6 % to 11.3 %, as their tables have it."""
    one = rate(np.arange(100) < 5)
    assert (one.value, one.low, one.high) == (0.05, pytest.approx(0.0164, abs=1e-4), pytest.approx(0.1128, abs=1e-4))


@thousands
@pytest.mark.long
def test_the_verdicts_keep_what_they_promise() -> None:
    """2,000 studies each: no rate lies above its promise, and intervals cover."""
    found = calibrate(made_up(), studies=2000, seeds=(3, 10), most=40)
    assert results.broken(found) == []
    assert all(one.wrong.difference.value < 0.055 for one in found.at_once)
    assert all(0.935 < one.covered.value < 0.975 for one in found.at_once)
    assert all(images.mcnemar.low < 0.05 for images in found.by_images)  # these runs have no luck of their own
    assert all(images.both.low < 0.05 for images in found.by_images)


@pytest.mark.parametrize("seeds", [2, 3, 10])
@pytest.mark.long
def test_the_interval_on_other_images_covers(seeds: int) -> None:
    """With seeds and images drawn anew in 1,000 studies of each kind; two seeds cost width and not coverage."""
    found = other_images(seeds, 1000, 0.95, np.random.default_rng(seeds))
    assert [one.kind for one in found] == [*KINDS]
    assert all(one.others.high > 0.95 for one in found)
    assert all(one.others.value >= one.these.value for one in found)
    alike, *_, unequal = found
    assert alike.wider < 0.1
    if seeds == 10:  # so many seeds know a difference that these images alone have
        assert unequal.these.high < 0.85
        assert unequal.others.value < 0.98


def test_pairs_with_another_difference_have_it() -> None:
    """The true one is that of many studies."""
    one = KINDS[-1]
    pairs_ = [first.mean() - second.mean() for first, second in _pairs(one, 2, 2000, np.random.default_rng(0))]
    assert 100 * np.mean(pairs_) == pytest.approx(one.difference, abs=4 * 100 * np.std(pairs_) / 2000**0.5)
    assert one.difference < -0.5


@thousands
@pytest.mark.long
def test_growth_keeps_its_promise_because_the_error_is_split() -> None:
    """A single pair, where no correction leaves slack: spending all of the error twice is wrong too often."""
    trial = looked_at(made_up(), 40, 4000, USUAL, np.random.default_rng(0))[0]
    assert trial.pairs == 1
    assert trial.grown.difference.low < 0.05 < trial.unsplit.difference.low
    assert trial.naive.difference.value > 0.2


def test_the_first_verdict_counts_in_a_study_that_grows() -> None:
    """What three seeds claim by the fixed rules is said, also where the seeds after them would take it back."""
    differences = np.array([[[0.3, 0.31, 0.32, *[-0.3, 0.3] * 10]]])
    found = said.grown(differences, USUAL)
    assert list(found.kinds[0, 0, :2]) == [Kind.better, Kind.open]
    assert found.kinds.shape[-1] == differences.shape[-1] - said.FIRST_LOOK + 1


@pytest.mark.long
def test_in_their_order_what_is_settled_never_opens_again() -> None:
    """With several runs at a time it does where seeds are judged as they come, more often the more there are."""
    few, more, most = in_flight(made_up(), 40, 500, USUAL, np.random.default_rng(0))
    assert [one.in_order.opened.hits for one in (few, more, most)] == [0, 0, 0]
    assert 0 < few.as_they_come.opened.value < most.as_they_come.opened.value
    assert most.in_order.seeds < 1.2 * most.as_they_come.seeds


@pytest.mark.long
@thousands
def test_the_seeds_that_are_said_to_settle_a_pair_do() -> None:
    """Four ranges of five hold, of seeds to add and of a new study; as many pairs are settled by a range's end."""
    for one in foretold(made_up(), 2000, USUAL, np.random.default_rng(0)):
        assert one.all_inside is not None
        assert one.all_inside.value > 0.8
        assert one.enough is not None
        assert one.enough.value > 0.8
        assert one.anew is None or one.anew.value > 0.8


def test_one_run_at_a_time_comes_in_order() -> None:
    """There both ways are one, and nothing opens."""
    differences, rng = draws.equal_arms(made_up(), 50, 20, np.random.default_rng(0)), np.random.default_rng(1)
    found = _with(1, differences, Rules(looks=Looks.always), rng)
    assert found.as_they_come == found.in_order
    assert found.in_order.opened.hits == 0


@pytest.mark.parametrize("looks", [Looks.always, Looks.grown])
def test_what_is_said_is_what_a_study_is_told(looks: Looks) -> None:
    """After the last seed the arrays say of each pair what `verdicts` does."""
    rules = Rules(looks=looks)
    differences = np.random.default_rng(0).normal([[[0.1], [0.3], [0.0]]], 0.1, (8, 3, 30))
    found = said.always(differences, rules).kinds[..., -1]
    assert [[one.kind for one in verdicts(list(study), rules)] for study in differences] == found.tolist()


def test_power_grows_with_the_difference_and_with_seeds() -> None:
    """More is found of larger differences, and by more seeds."""
    rng = np.random.default_rng(0)
    trials = [at_once(made_up(), seeds, 500, USUAL, rng) for seeds in (3, 10)]
    few, many = ([power.better.value for power in trial.power] for trial in trials)
    assert many[-1] > 0.95
    assert few == sorted(few)
    assert few[-1] < many[-1]


def test_a_split_interval_is_a_little_wider() -> None:
    """The ratio of Student's quantiles at 95.5 % and 95 %, for each number of seeds."""
    rng = np.random.default_rng(0)
    assert [at_once(made_up(), seeds, 10, USUAL, rng).wider for seeds in (3, 10)] == pytest.approx(
        [stats.t.ppf(0.9775, n - 1) / stats.t.ppf(0.975, n - 1) - 1 for n in (3, 10)]
    )


def test_growth_takes_more_seeds_than_looks_from_the_start() -> None:
    """For what a first look at three seeds cannot settle; and large differences take fewer seeds than small ones."""
    found = settling(made_up(), 40, 500, USUAL, np.random.default_rng(0))
    large = [one.always.seeds for one in found if one.difference >= 0.1]
    assert large == sorted(large, reverse=True)
    assert all(one.always.seeds < one.grown.seeds for one in found if one.difference <= 0.1)


@pytest.mark.long
def test_a_broken_promise_is_found() -> None:
    """Were verdicts wrong far too often, the calibration would say so, of each kind of study."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    bad = replace(found.at_once[0].wrong, difference=rate(np.ones(200, bool)))
    fixed = replace(found.at_once[0], wrong=bad)
    looked = replace(found.looked_at[0], grown=bad, naive=bad)
    broken = results.broken(replace(found, at_once=(fixed,), looked_at=(looked,)))
    assert broken == [
        "a false difference at 3 seeds in 100.0 % (98.2 to 100.0) of studies",
        "a false difference after growth (1 pair) in 100.0 % (98.2 to 100.0) of studies",
    ]


@pytest.mark.long
def test_a_first_verdict_is_held_to_its_own_promise() -> None:
    """A rate between 4.5 and 5 % breaks that of a fixed number of seeds, and not that of a study that grows."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    between = replace(found.at_once[0].wrong, winner=Rate(480, 10_000, 0.046, 0.049))
    fixed = replace(found.at_once[0], wrong=between)
    looked = replace(found.looked_at[0], grown=between)
    (broken,) = results.broken(replace(found, at_once=(fixed,), looked_at=(looked,)))
    assert broken.startswith("a false winner at 3 seeds")


@pytest.mark.long
def test_a_range_that_holds_too_seldom_is_said() -> None:
    """It breaks its promise only where the whole interval of the rate lies below it."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    seldom = replace(found.foretold[0], all_inside=Rate(70, 100, 0.6, 0.79), anew=Rate(78, 100, 0.69, 0.86))
    whole = [replace(one, all_inside=None, anew=None) for one in found.foretold[1:]]
    broken = results.broken(replace(found, at_once=(), looked_at=(), foretold=(seldom, *whole)))
    assert broken == ["a range of seeds holds after 3 in 70.0 % (60.0 to 79.0) of pairs"]


@pytest.mark.long
def test_a_settled_pair_that_opens_is_said() -> None:
    """Once is too often."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    opened = replace(found.in_flight[0], in_order=replace(found.in_flight[0].in_order, opened=Rate(1, 20, 0.0, 0.2)))
    (broken,) = results.broken(replace(found, at_once=(), looked_at=(), foretold=(), in_flight=(opened,)))
    assert broken.startswith("a settled pair opens again with 2 runs at a time in 5.0 %")


def test_a_pool_too_small_is_said() -> None:
    """With how many runs it would take."""
    with pytest.raises(SpecError, match="40 seeds of 3 arms take 120 runs, and the pool has 60"):
        calibrate(made_up(60), studies=10)


def test_a_study_that_cannot_grow_is_refused() -> None:
    """The first look takes three seeds, so there must be more."""
    with pytest.raises(SpecError, match=r"more than 3 seeds to grow to \(--max-seeds\), got 3"):
        calibrate(made_up(), studies=10, most=3)


@pytest.mark.long
def test_the_same_entropy_gives_the_same_figures() -> None:
    """Every draw comes from it; the table and the JSON are written from the same figures."""
    first, second = (calibrate(made_up(), studies=50, seeds=(3,), most=10, entropy=7) for _ in range(2))
    assert results.to_json(first) == results.to_json(second)
    shown = results.markdown(first)
    for study in first.looked_at:
        assert results.percent(study.grown.difference) in shown
    assert json.loads(results.to_json(first))["looked_at"][0]["grown"]["difference"]["trials"] == 50


@pytest.mark.long
@thousands
def test_the_pool_that_comes_along_is_real() -> None:
    """Two hundred runs on MNIST's test images, and the promises hold on them too; McNemar's test of runs does not."""
    one = pool.packaged()
    assert (one.runs, one.images) == (200, 10_000)
    assert one.source == "bn, lean on mnist, 4 epochs"
    assert 99.3 < one.accuracies.mean() < 99.6
    found = calibrate(one, studies=1000, seeds=(5,))
    assert results.broken(found) == []
    assert found.by_images[0].mcnemar.low > 0.05


def test_pairs_with_collapses_are_alike_where_there_are_none() -> None:
    """A share of the first arm's runs loses what is said, of the second's only where both do."""
    case = Case(0.2, 1.0)
    one, both = (pairs(made_up(), 10, 400, case, np.random.default_rng(0), both=both) for both in (False, True))
    assert not one.low[:, 1].any()
    assert 0.15 < one.low[:, 0].mean() < 0.25
    assert 0.15 < both.low[:, 1].mean() < 0.25
    low, usual = one.scores[one.low], one.scores[~one.low]
    assert usual.mean() - low.mean() == pytest.approx(1.0, abs=0.05)


@thousands
@pytest.mark.long
def test_runs_that_collapse_are_told_apart() -> None:
    """Where one in ten loses a point, claims about all runs are often wrong; about those that do not, seldom."""
    found = collapses(made_up(), 2000, USUAL, np.random.default_rng(0))
    (ten,) = (one for one in found if one.seeds == 10 and one.case == Case(0.1, 1.0))
    assert ten.before.winner.low > 0.1
    assert ten.before.covered.high < 0.85
    assert ten.found is not None
    assert ten.found.value > 0.9
    assert ten.withheld.value > 0.1
    promised = [*collapse_results.promises(found, (), USUAL)]
    assert len(promised) == 3 * 3 * 5
    assert all(one.low <= most for _, _, one, most in promised)


@pytest.mark.long
@thousands
def test_runs_that_collapse_cost_nothing_where_none_does() -> None:
    """Studies that are looked at take as many seeds as before, and are not wrong more often than they may be."""
    found = collapses_looked_at(made_up(), 40, 1000, USUAL, np.random.default_rng(0))
    none = next(one for one in found if not one.case.share)
    assert none.seeds_after < 1.05 * none.seeds_before
    assert all(one.low <= most for _, _, one, most in collapse_results.promises((), found, USUAL))
    tenth = next(one for one in found if one.case == Case(0.1, 1.0))
    assert tenth.before.covered.high < 0.85 < tenth.after.covered.low


def test_what_is_shown_of_sound_seeds_is_what_a_study_is_told() -> None:
    """The arrays claim of each pair what `verdicts` does of the differences on its sound seeds."""
    found = pairs(made_up(), 10, 40, Case(0.2, 1.0), np.random.default_rng(0))
    on = sound(found.failed(USUAL.margin))
    kinds = np.full(len(on), "", dtype="<U20")
    for rows, values in kept(found.differences + 0.08, on):
        kinds[rows] = said.once(values[:, None], USUAL).kinds[:, 0, 0]
    told = [verdicts([(each + 0.08)[some]], USUAL)[0].kind for each, some in zip(found.differences, on, strict=True)]
    assert kinds.tolist() == told


@pytest.mark.long
def test_counts_make_few_errors_keep_the_promise() -> None:
    """By means alone equivalence is wrong too often there; with counts it is not, and as much is found."""
    by_chance = [one for one in few_errors(20_000, USUAL, np.random.default_rng(1)) if one.times == 1]
    assert any(wrong.low > 0.045 for one in by_chance for wrong in one.before)
    assert all(wrong.low <= 0.045 for one in by_chance for wrong in one.after)
    assert all(
        found.value > before.value - 0.005
        for one in by_chance
        for found, before in zip(one.found, one.found_before, strict=True)
    )


@pytest.mark.long
def test_a_broken_promise_about_few_errors_is_found() -> None:
    """Where errors scatter as counts do, and nowhere else."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    bad = [replace(one, after=(rate(np.ones(200, bool)), *one.after[1:])) for one in found.few_errors]
    broken = results.broken(replace(found, few_errors=(bad[0], bad[-1])))
    assert (bad[0].times, bad[-1].times) == (1, 2)
    assert broken == ["a false equivalence at 3 seeds of arms with 0.5 errors in 100.0 % (98.2 to 100.0) of pairs"]


@pytest.mark.long
def test_a_broken_promise_about_collapses_is_found() -> None:
    """With the share of runs and the number of seeds."""
    found = calibrate(made_up(), studies=20, seeds=(3,), most=10)
    first = found.collapses[0]
    bad = replace(first, after=replace(first.after, winner=rate(np.ones(200, bool))))
    broken = results.broken(replace(found, collapses=(bad,), collapses_looked_at=()))
    assert broken == ["a false winner at 5 seeds, none in 100.0 % (98.2 to 100.0) of studies"]


def test_over_several_data_sets_promises_are_kept() -> None:
    """Whatever a seed makes alike on them, and whatever their spreads are; adding variances up would not keep them."""
    found = over_data(2_000, USUAL, np.random.default_rng(4))
    assert over_data_results.broken(found, USUAL) == []
    alike = [one for one in found if one.suites.alike]
    assert all(one.added.high < USUAL.confidence for one in alike)
    assert all(one.like.low > 0.94 for one in found)


def test_a_broken_promise_over_several_data_sets_is_found() -> None:
    """Each kind of claim, and both intervals."""
    one = over_data(200, USUAL, np.random.default_rng(4))[0]
    always, never = rate(np.ones(200, bool)), rate(np.zeros(200, bool))
    bad = replace(one, winner=always, same=always, held=never, like=never)
    told = over_data_results.broken([bad], USUAL)
    assert [line.split(" over 3")[0] for line in told[:2]] == ["a false winner", "a false sameness"]
    assert len(told) == 4
