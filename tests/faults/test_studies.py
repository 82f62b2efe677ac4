"""Faults that a study's file shows: each of them, and the sound study beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from normlab.data import Dataset
from normlab.faults import Finding, Severity, Subject, find, of_study
from normlab.faults.judging import low_ceiling
from normlab.spec import Study

PUBLISHED = sorted(Path("studies").glob("*/*.toml"))


def faults(text: str, data: Dataset | None = None) -> tuple[Finding, ...]:
    return find(of_study(Study.model_validate(tomllib.loads(text)), data))


def codes(text: str, data: Dataset | None = None) -> list[str]:
    return [finding.code for finding in faults(text, data)]


NORMS = 'vary.norm = ["bn", "ln"]\n'


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("epochs = 8", "norm and number of epochs"),
        ("optimizer.lr = 0.05", "learning rate and norm"),
        ("augment.rotation = 0.0", "augmentation and norm"),
        ("train_images = 1000", "norm and number of training images"),
        ("optimizer.momentum = 0.5", "momentum and norm"),
        ("dropout = 0.1", "dropout and norm"),
    ],
)
def test_two_things_changed_at_once(change: str, what: str) -> None:
    """No verdict could say which it was."""
    (found,) = faults(f'arms = [{{norm = "bn"}}, {{norm = "ln", {change}}}]')
    assert (found.code, found.what) == ("two-changes", f"they differ in {what} at once")


@pytest.mark.parametrize(
    "arms",
    [
        '{norm = "bn"}, {norm = "ln"}, {norm = "ln", epochs = 8}',
        "{}, {epochs = 8}",
        "{}, {augment = {rotation = 0.0, shift = 0.0}}",
        '{}, {optimizer = {kind = "adamw", lr = 0.001}}',
        "{}, {optimizer = {momentum = 0.5, nesterov = false}}, {schedule = {warmup = 0.1, final = 0.1}}",
        '{}, {penalty = {kind = "group", lambda = 0.005}}, {penalty = {kind = "gamma", lambda = 0.01}}',
        '{model = "resnet8"}, {model = "mlp", model_args = {hidden = [50]}}',
    ],
    ids=["a chain", "one field", "one augmentation", "an optimizer and its rate", "momentum", "penalties", "networks"],
)
def test_one_thing_at_a_time(arms: str) -> None:
    """Arms that a chain leads to, or fields that make one treatment together."""
    assert "two-changes" not in codes(f"recipe.holdout = 1000\narms = [{arms}]")


def test_a_baseline_that_nothing_leads_to() -> None:
    """Every arm is compared with it, whatever it differs in."""
    arms = '{name = "old", norm = "bn", epochs = 2}, {name = "new", norm = "ln"}, {name = "gn", norm = "gn:4"}'
    (found,) = faults(f'baseline = "old"\narms = [{arms}]')
    assert (found.code, found.where) == ("two-changes", "old, new")


def test_norms_with_different_penalties_are_told_once() -> None:
    """By the rule that looks at penalties."""
    assert codes('arms = [{norm = "bn"}, {norm = "ln", penalty = {lambda = 1e-4}}]') == ["regularizer-differs"]


def test_a_wide_margin() -> None:
    """Five points are no equivalence; one is what published studies have."""
    assert codes(f"verdict.margin = 5\n{NORMS}") == ["wide-margin"]
    assert codes(f"verdict.margin = 1\n{NORMS}") == []
    assert codes(f'verdict = {{outcome = "worst-class", margin = 5}}\n{NORMS}') == ["wide-margin"]
    assert codes(f'verdict = {{outcome = "cross-entropy", margin = 5}}\n{NORMS}') == []  # nats have no such bound


def test_a_low_level() -> None:
    """0.51 is a coin's; 0.9 is little, and said to be so where it is used."""
    assert codes(f"verdict.level = 0.51\n{NORMS}") == ["low-level"]
    assert codes(f"verdict.level = 0.9\n{NORMS}") == []


MORE = '"bn", "ln", "gn:4", "in", "rms"'
"""With a baseline four pairs, without one ten."""


@pytest.mark.parametrize(
    ("norms", "baseline", "fewest"), [('"bn", "ln"', "", 3), (MORE, 'baseline = "bn"', 4), (MORE, "", 4)]
)
@pytest.mark.slow
def test_a_ceiling_below_which_next_to_nothing_is_settled(norms: str, baseline: str, fewest: int) -> None:
    """The interval that allows looking reaches farther than five standard deviations there, and less one seed on."""
    text = f"until_settled = true\n{baseline}\nvary.norm = [{norms}]\nseeds = "
    (found,) = faults(f"{text}{fewest - 1}")
    assert (found.code, found.severity) == ("low-ceiling", Severity.error)
    assert "standard deviations of a difference apart" in found.what
    assert found.fix.startswith(f"allow {4 * fewest} seeds or more")
    assert codes(f"{text}{fewest}") == []


def test_a_study_that_looks_once_has_no_ceiling() -> None:
    """Nor has one with nothing to settle, nor a loop."""
    assert codes(f"seeds = 3\n{NORMS}") == []
    assert codes("seeds = 3\nuntil_settled = true") == []
    assert list(low_ceiling(Subject([]))) == []


def test_seeds_with_others_left_out() -> None:
    """Any that follow each other are fine, in any order and from wherever."""
    assert codes(f"seeds = [3, 17, 42]\n{NORMS}") == ["chosen-seeds"]
    assert codes(f"seeds = [12, 10, 11]\n{NORMS}") == []


def test_fewer_images_than_a_batch(mnist: Dataset) -> None:
    """An epoch would be one step of all of them."""
    few = f"recipe = {{train_images = 50}}\n{NORMS}"
    assert codes(few) == codes(few, mnist) == ["batch-of-all"]
    assert codes(f"recipe = {{train_images = 50, batch_size = 25}}\n{NORMS}", mnist) == []


LAMBDAS = '"penalty.lambda" = [0.0, 1e-4, 1e-3]'


def test_a_path_whose_arms_are_compared_on_the_test_set() -> None:
    """The last is trained as many times as long as there are; on held out images a λ is chosen."""
    text = f"warm_start = true\nrecipe.holdout = {{}}\n[vary]\n{LAMBDAS}"
    assert codes(text.format(0)) == ["selection-on-test", "warm-arms"]
    assert codes(text.format(1000)) == []


def test_rates_that_are_tuned_for_each_norm_on_the_test_set() -> None:
    """One norm's rates are a question, held out images are where to choose, and a rate that follows is no choice."""
    rates = 'vary."optimizer.lr" = [0.1, 0.05]\n'
    assert codes(f"{NORMS}{rates}") == ["selection-on-test"]
    assert codes(rates) == codes(f"recipe.holdout = 1000\n{NORMS}{rates}") == []


@pytest.mark.parametrize(("copies", "found"), [(300, ["near-duplicates"]), (5, [])])
@pytest.mark.parametrize("within", [True, False])
def test_images_that_are_nearly_others(mnist: Dataset, copies: int, found: list[str], within: bool) -> None:
    """Training images, or other test images, with some noise; a few among a thousand may be chance."""
    train, judged = mnist.train_images[:2000], mnist.test_images[:1000].copy()
    noise = np.random.default_rng(0).integers(-5, 6, (copies, *judged.shape[1:]))
    copied = (judged[500 : 500 + copies] if within else train[:copies]) + noise
    judged[:copies] = np.clip(copied, 0, 255).astype(np.uint8)
    assert [finding.code for finding in find(Subject([], train=train, judged=judged))] == found


EXPECTED: dict[str, list[str]] = {
    "l1.toml": ["selection-on-test"],
    "norms.toml": ["always-penalised"],
    "channels.toml": ["selection-on-test"],
    "kinds.toml": ["selection-on-test"],
}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
@pytest.mark.slow
def test_published_studies_have_no_other_faults_than_they_say(path: Path, mnist: Dataset) -> None:
    """Whoever adds a rule sees here what it says of them."""
    text = path.read_text()
    assert codes(text, mnist if 'dataset = "mnist"' in text else None) == EXPECTED.get(path.name, [])
