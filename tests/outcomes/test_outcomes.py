"""Each outcome against a plain computation of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, log_loss, recall_score

from normlab.errors import UnknownName
from normlab.outcomes import ACCURACY, BESIDE, OUTCOMES, Seen, find
from normlab.outcomes.calibrated import BINS, calibration
from normlab.records import Comparison, Epoch, RunRecord

if TYPE_CHECKING:
    from comparisons import Make

KNOWN = {outcome.name: outcome for outcome in (*OUTCOMES, *BESIDE)}


@pytest.fixture(scope="module")
def seen(six: Comparison) -> Seen:
    """A run of 10,000 images."""
    return Seen(six.runs[0], six.labels)


def value(name: str, seen: Seen) -> float:
    found = KNOWN[name].read(seen)
    assert found is not None
    return found


def with_(seen: Seen, probabilities: NDArray[np.float32]) -> Seen:
    from comparisons import judging

    run = seen.run
    assert isinstance(run, RunRecord)
    return Seen(judging(run, probabilities), seen.labels)


def after(*right: int, images: int = 100) -> Seen:
    """A run of so many right images after each epoch."""
    epochs = [Epoch(i + 1, 0.1, 0.5, 0, 1, 9, 10, 0.4, count, images, 1.0) for i, count in enumerate(right)]
    return Seen(_Run(epochs), np.zeros(images, np.int64))


class _Run:
    """As little of a run as an outcome may read."""

    seconds, environment, probabilities = 7.5, "here", np.empty((0, 0), np.float32)

    def __init__(self, epochs: list[Epoch]) -> None:
        self.epochs = epochs


@pytest.mark.slow
def test_accuracy_is_scikit_learns(seen: Seen) -> None:
    """Of the most probable class, as the counts of the last epoch have it."""
    assert seen.probabilities is not None
    wanted = 100 * accuracy_score(seen.labels, seen.probabilities.argmax(axis=1))
    assert value("accuracy", seen) == pytest.approx(wanted)


def test_cross_entropy_is_scikit_learns_on_the_probabilities(make: Make) -> None:
    """The recorded loss is that of the logits; the same but for the rounding of probabilities."""
    comparison = make(arms=[{"norm": "bn"}], seeds=1)
    run, labels = comparison.runs[0], comparison.labels
    wanted = log_loss(labels, run.probabilities.astype(np.float64), labels=range(10))
    run = replace(run, epochs=[*run.epochs[:-1], replace(run.final, judged_loss=wanted)])
    assert value("cross-entropy", Seen(run, labels)) == wanted


def test_a_loss_that_overflowed_is_not_recorded() -> None:
    """Rather none than a mean of infinity."""
    run = _Run([Epoch(1, 0.1, 0.5, 0, 1, 9, 10, math.inf, 50, 100, 1.0)])
    assert KNOWN["cross-entropy"].read(Seen(run, np.zeros(100, np.int64))) is None


@pytest.mark.slow
def test_brier_is_the_plain_sum(seen: Seen) -> None:
    """Σ (p − y)² an image, image by image and class by class."""
    assert seen.probabilities is not None
    hot = np.eye(10)[seen.labels]
    wanted = sum(
        sum((float(p) - y) ** 2 for p, y in zip(*row, strict=True)) for row in zip(seen.probabilities, hot, strict=True)
    )
    assert value("brier", seen) == pytest.approx(wanted / len(hot), rel=1e-6)


def test_brier_of_two_classes_is_twice_scikit_learns(seen: Seen) -> None:
    """Which counts the right class alone where there are two."""
    from sklearn.metrics import brier_score_loss

    p, truth = np.linspace(0, 1, 1000, dtype=np.float32), np.arange(1000) % 2
    two = with_(Seen(seen.run, truth), np.stack([1 - p, p], axis=1))
    assert value("brier", two) == pytest.approx(2 * brier_score_loss(truth, p), rel=1e-5)


@pytest.mark.parametrize("images", [10_000, 997, 16, 3, 1])
def test_calibration_error_is_the_plain_loop(images: int) -> None:
    """Bins of equally many images by their sureness, each with its gap."""
    rng = np.random.default_rng(images)
    sure = rng.beta(8, 1, images)
    right = rng.random(images) < sure**1.3
    found = calibration(sure, right).plain
    parts = np.array_split(np.argsort(sure), min(BINS, images))
    assert found == pytest.approx(
        sum(len(part) / images * abs(np.mean(right[part]) - np.mean(sure[part])) for part in parts)
    )


def test_calibration_error_is_scikit_learns() -> None:
    """Where images are a multiple of bins, its quantile bins are the same."""
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.2, 1, 1500)
    right = rng.random(1500) < sure**2
    came, named = calibration_curve(right, sure, n_bins=BINS, strategy="quantile")
    assert calibration(sure, right).plain == pytest.approx(np.mean(np.abs(came - named)), rel=1e-3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 20))
def test_calibration_error_lies_in_its_range(images: list[tuple[float, bool]], bins: int) -> None:
    """From 0 to 1, and nothing that is taken off is below 0."""
    found = calibration(*zip(*images, strict=True), bins=bins)
    assert 0 <= found.plain <= 1 + 1e-12
    assert found.bias >= -1e-12
    assert 0 <= found.by_chance <= 0.5 + 1e-12


def test_the_bias_is_kumars_mean_over_normal_draws() -> None:
    """In closed form what their code draws: labels' means from normal distributions, bin by bin."""
    rng = np.random.default_rng(3)
    sure = np.sort(rng.uniform(0.5, 1, 600))
    right = rng.random(600) < sure
    found = calibration(sure, right)
    named, came = (values.reshape(BINS, -1).mean(axis=1) for values in (sure, right))
    drawn = rng.normal(came, np.sqrt(came * (1 - came) / 40), (200_000, BINS))
    assert found.bias == pytest.approx(np.abs(drawn - named).mean() - found.plain, abs=2e-4)


@pytest.mark.parametrize("lowest", [0.7, 0.99])
@pytest.mark.slow
def test_the_bias_is_what_its_words_say(lowest: float) -> None:
    """Labels drawn from probabilities, which are perfect then: the plain error is all chance, 41 % are taken off."""
    rng = np.random.default_rng(1)
    sure = rng.uniform(lowest, 1, (300, 2000))
    found = [calibration(p, rng.random(2000) < p) for p in sure]
    plain, by_chance, left = (np.mean([vars(one)[name] for one in found]) for name in ("plain", "by_chance", "bias"))
    assert plain == pytest.approx(by_chance, rel=0.03)
    if lowest < 0.9:  # where bins have mistakes enough for a normal distribution
        assert left / plain == pytest.approx(2**0.5 - 1, abs=0.03)


def test_of_a_network_far_from_calibrated_nothing_is_taken_off() -> None:
    """Where every gap is large beside its chance, its size has no bias."""
    rng = np.random.default_rng(2)
    sure = rng.uniform(0.9, 1, 3000)
    assert calibration(sure, rng.random(3000) < 0.5).bias < 1e-6
    assert calibration(np.ones(20), np.ones(20)).by_chance == 0


def test_what_is_shown_of_calibration_is_the_plain_error_and_the_debiased_one(seen: Seen) -> None:
    """All in points, the first two apart by the bias."""
    assert seen.sureness is not None
    assert seen.right is not None
    found = calibration(seen.sureness, seen.right)
    assert value("ece-plain", seen) == pytest.approx(100 * found.plain)
    assert value("ece", seen) == pytest.approx(100 * (found.plain - found.bias))
    assert value("ece-by-chance", seen) == pytest.approx(100 * found.by_chance)


def test_calibration_error_needs_an_image_and_a_bin() -> None:
    """A mean over nothing is none."""
    for images, bins in (([], 3), ([0.5], 0)):
        with pytest.raises(ValueError, match="expected an image and a bin"):
            calibration(images, [True] * len(images), bins)


def test_the_worst_class_is_scikit_learns_lowest_recall(seen: Seen) -> None:
    """The accuracy of a class is its recall."""
    assert seen.probabilities is not None
    wanted = min(recall_score(seen.labels, seen.probabilities.argmax(axis=1), average=None))
    assert value("worst-class", seen) == pytest.approx(100 * wanted)


def test_a_class_that_nobody_judges_is_not_the_worst(seen: Seen) -> None:
    """Of classes 0 and 2 there are images, all right; of 1 there is none."""
    labels = np.array([0, 2, 2])
    assert value("worst-class", with_(Seen(seen.run, labels), np.eye(3, dtype=np.float32)[labels])) == 100


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12), st.integers(1, 100))
def test_epochs_to_is_the_first_that_is_there(right: list[int], percent: int) -> None:
    """However the accuracy falls again; infinite where no epoch is."""
    there = [i + 1 for i, count in enumerate(right) if count >= percent]
    assert find(f"epochs-to-{percent}").read(after(*right)) == (there[0] if there else math.inf)


def test_seconds_are_those_of_the_record() -> None:
    """And comparable where runs were made in one place."""
    seen = after(50)
    assert value("seconds", seen) == 7.5
    assert KNOWN["seconds"].place(seen.run) == "here"
    assert ACCURACY.place(seen.run) is None


@pytest.mark.parametrize("name", ["brier", "ece", "ece-plain", "ece-by-chance", "worst-class"])
def test_without_probabilities_nothing_is_said_of_them(name: str) -> None:
    """A record that kept none has no such outcome, and no wrong one."""
    assert KNOWN[name].read(after(50)) is None


def test_an_outcome_is_found_by_its_name_and_another_has_the_nearest() -> None:
    """Thresholds are free, from above 0 to 100."""
    assert find("brier") is KNOWN["brier"]
    assert find("epochs-to-97.5").title == "epochs to 97.5 %"
    with pytest.raises(UnknownName, match=r"unknown outcome 'brierr': did you mean brier\? outcomes are accuracy,"):
        find("brierr")
    for name in ("epochs-to-0", "epochs-to-101", "epochs-to-x"):
        with pytest.raises(UnknownName):
            find(name)


def test_every_outcome_has_a_name_of_its_own_and_says_which_way_is_better() -> None:
    """Names are what files have: no spaces, no capitals."""
    assert len(KNOWN) == len(OUTCOMES) + len(BESIDE)
    assert all(name == name.lower() and " " not in name for name in KNOWN)
    assert {name for name, each in KNOWN.items() if each.better == "higher"} == {"accuracy", "worst-class"}
    assert ACCURACY.heading == "accuracy, %"
    assert KNOWN["brier"].heading == "Brier score"
