from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from normlab.calibration import draws, pool, results
from normlab.calibration.calibrate import calibrate
from normlab.calibration.pool import Pool
from normlab.calibration.rates import rate
from normlab.errors import SpecError, StoreError, UnknownName
from normlab.stats.verdict import Rules

if TYPE_CHECKING:
    from comparisons import Make


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


def test_the_verdicts_keep_what_they_promise() -> None:
    """2,000 studies each: no rate lies above its promise, intervals cover, and peeking would not have kept it."""
    found = calibrate(made_up(), studies=2000, seeds=(3, 10), most=40)
    assert results.broken(found) == []
    assert all(one.false_difference.value < 0.06 for one in found.at_once)
    assert all(0.93 < one.covered.value < 0.97 for one in found.at_once)
    assert found.until_settled.false_difference.value < 0.05 < found.until_settled.peeking.low
    assert all(images.mcnemar.low < 0.05 for images in found.by_images)  # these runs have no luck of their own
    assert all(images.both.low < 0.05 for images in found.by_images)


def test_power_grows_with_the_difference_and_with_seeds() -> None:
    """More is found of larger differences, and by more seeds; a pair that differs by much takes few."""
    found = calibrate(made_up(), studies=500, seeds=(3, 10), most=40)
    few, many = ([power.better.value for power in one.power] for one in found.at_once)
    assert many[-1] > 0.95
    assert few == sorted(few)
    assert few[-1] < many[-1]
    taken = [one.seeds for one in found.until_settled.taken if one.difference >= 0.1]
    assert taken == sorted(taken, reverse=True)


def test_a_broken_promise_is_found() -> None:
    """Were a verdict wrong far too often, the calibration would say so."""
    found = calibrate(made_up(), studies=200, seeds=(3,), most=10, rules=Rules(level=0.95))
    worse = rate(np.ones(200, bool))
    broken = results.broken(
        type(found)(
            **{
                **vars(found),
                "at_once": (
                    type(found.at_once[0])(
                        3, worse, found.at_once[0].false_equivalence, found.at_once[0].covered, found.at_once[0].power
                    ),
                ),
            }
        )
    )
    assert broken == ["a false difference at 3 seeds in 100.0 % (98.2 to 100.0) of studies"]


def test_a_pool_too_small_is_said() -> None:
    """With how many runs it would take."""
    with pytest.raises(SpecError, match="40 seeds of 3 arms take 120 runs, and the pool has 60"):
        calibrate(made_up(60), studies=10)


def test_the_same_entropy_gives_the_same_figures() -> None:
    """Every draw comes from it; the table and the JSON are written from the same figures."""
    first, second = (calibrate(made_up(), studies=50, seeds=(3,), most=10, entropy=7) for _ in range(2))
    assert results.to_json(first) == results.to_json(second)
    assert "| until settled, at most 10 |" in results.markdown(first)


def test_the_pool_that_comes_along_is_real() -> None:
    """Two hundred runs on MNIST's test images, and the promises hold on them too; McNemar's test of runs does not."""
    one = pool.packaged()
    assert (one.runs, one.images) == (200, 10_000)
    assert one.source == "bn, lean on mnist, 4 epochs"
    assert 99.3 < one.accuracies.mean() < 99.6
    found = calibrate(one, studies=1000, seeds=(5,))
    assert results.broken(found) == []
    assert found.by_images[0].mcnemar.low > 0.05
