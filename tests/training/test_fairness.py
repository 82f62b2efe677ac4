"""What "all else equal" means, rule by rule (the fairness rules of the design)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from recipes import recipe as resolved
from torch import nn

from normlab.data import Dataset
from normlab.data.batches import Batches, plan
from normlab.data.prepare import prepare
from normlab.data.resident import Resident
from normlab.data.split import Split, split
from normlab.models import build
from normlab.norms import EPS, known
from normlab.norms.kinds import is_norm
from normlab.records import Job
from normlab.spec import PREPROCESSES, Recipe
from normlab.training.dropout import pair, reseed
from normlab.training.optim import optimizer_for

NORMS = ["bn", "ln", "gn", "gn:2", "in", "ln-chw", "ln-c", "rms", "none"]
NORMS += ["gbn:4", "brn", "frn", "dyt", "evonorm-s0", "ws+gn:2"]
CPU = torch.device("cpu")


def job(norm: str, seed: int = 0, **recipe: object) -> Job:
    return Job(resolved(norm, **{"preset": "course", **recipe}), seed)


@pytest.mark.parametrize("model", ["course", "lean"])
def test_arms_with_one_seed_start_from_the_same_shared_weights(model: str) -> None:
    """Same seed ⇒ same initial values in every parameter that the arms share."""
    plain = dict(build(job("none", 5, model=model)).named_parameters())
    for norm in NORMS:
        other = dict(build(job(norm, 5, model=model)).named_parameters())
        assert plain.keys() <= other.keys()
        assert all(torch.equal(plain[name], other[name]) for name in plain), norm


def test_another_seed_starts_from_other_weights() -> None:
    """Different seeds ⇒ different initial values, or replicates would be one."""
    first, second = build(job("bn", 0)), build(job("bn", 1))
    assert not torch.equal(next(first.parameters()), next(second.parameters()))


def batches(images: Split, recipe: Recipe, seed: int) -> list[tuple[torch.Tensor, np.ndarray]]:
    """Images as a network sees them, and labels, of a seed's second epoch."""
    resident = Resident(images.train_images, images.mean, images.std, CPU)
    return [(resident.batch(batch), batch.labels) for batch in Batches(images, recipe, 0).epoch(seed, 2)]


def test_batches_depend_on_the_seed_alone(mnist: Dataset) -> None:
    """Same seed ⇒ same batch order and same augmentation, whatever the arm."""
    recipe = job("bn").recipe
    small = replace(mnist, train_images=mnist.train_images[:300], train_labels=mnist.train_labels[:300])
    images = split(small, recipe, 0)
    one, two, other = (batches(images, recipe, seed) for seed in (3, 3, 4))
    assert all(torch.equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0][1], other[0][1])


@pytest.mark.slow
def test_preprocessings_with_one_seed_differ_in_pixels_alone(mnist: Dataset) -> None:
    """Same seed ⇒ same initial weights, order and augmentation maps under every preprocessing."""
    recipe = job("bn", train_images=300, holdout=100).recipe
    arms = [job("bn", 3, preprocess=how) for how in PREPROCESSES]
    images = [prepare(split(mnist, recipe, 0), one.recipe.preprocess) for one in arms]
    first, *others = [
        (build(one).state_dict(), *plan(its, recipe, 0, 3, 2)) for one, its in zip(arms, images, strict=True)
    ]
    for weights, order, changes in others:
        assert all(torch.equal(weights[name], value) for name, value in first[0].items())
        assert np.array_equal(order, first[1])
        assert changes.maps is not None
        assert np.array_equal(changes.maps, first[2].maps)
    shown = [batches(its, recipe, 3)[0] for its in images]
    assert all(np.array_equal(labels, shown[0][1]) for _, labels in shown)
    assert not any(torch.equal(one[0], two[0]) for one, two in combinations(shown, 2))


@pytest.mark.parametrize("more", [{"flip": 0.5}, {"crop": 4}, {"cutout": 8}])
def test_arms_of_augmentation_share_all_that_they_have_in_common(mnist: Dataset, more: dict[str, float]) -> None:
    """Same seed ⇒ same order of images, and the same flips, crops and holes, whatever else an arm switches on."""
    small = replace(mnist, train_images=mnist.train_images[:200], train_labels=mnist.train_labels[:200])
    images = split(small, Recipe(), 0)
    every = {"flip": 0.5, "crop": 4, "cutout": 8}
    alone, beside = (job("bn", augment={"rotation": 0, **some}).recipe for some in (more, every))
    (order, one), (again, other) = (plan(images, recipe, 0, 3, 2) for recipe in (alone, beside))
    assert np.array_equal(order, again)
    if "flip" in more:
        assert np.array_equal(one.maps[:, :, :2], other.maps[:, :, :2])
    elif "crop" in more:
        assert np.array_equal(one.maps[:, :, 2], other.maps[:, :, 2])
    else:
        assert np.array_equal(one.holes, other.holes)


@pytest.mark.parametrize("norm", ["bn", "ln-c", "rms", "none"])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_arms_with_one_seed_drop_the_same_values(norm: str, layout: torch.memory_format) -> None:
    """Same seed ⇒ same dropout masks in every layer, in either memory layout."""
    shapes = [(4, 10, 26, 26), (4, 18, 24, 24)]

    def masks(arm: str, memory: torch.memory_format) -> list[torch.Tensor]:
        layers = pair(build(job(arm, 7)))
        reseed(layers, root=0, seed=7, epoch=1)
        ones = (torch.ones(shape).contiguous(memory_format=memory) for shape in shapes)
        return [layer(x) for layer, x in zip(layers, ones, strict=False)]

    expected = masks("gn", torch.contiguous_format)
    assert all(torch.equal(a, b) for a, b in zip(expected, masks(norm, layout), strict=True))
    assert any((mask == 0).any() for mask in expected)


def test_epochs_and_layers_do_not_share_masks() -> None:
    """Each layer and each epoch draws its own masks."""
    layers = pair(build(job("bn")))
    x = torch.ones(8, 10, 12, 12)
    drawn = []
    for epoch in (1, 2):
        reseed(layers, 0, 0, epoch)
        drawn += [layer(x) for layer in layers[:2]]
    assert len({mask.numpy().tobytes() for mask in drawn}) == 4


@pytest.mark.parametrize("norm", NORMS)
def test_every_arm_has_one_eps_and_learns_scale_and_shift(norm: str) -> None:
    """One eps and one affine setting in every arm that normalizes."""
    layers = list(build(job(norm)).modules())
    found = [m for m in layers if is_norm(m)]
    assert all(getattr(m, "eps", EPS) == EPS for m in layers)  # dynamic tanh has none
    assert all(m.weight is not None and m.bias is not None for m in found)
    assert bool(found) == (norm != "none")


@pytest.mark.parametrize("norm", NORMS)
def test_weight_decay_spares_norms_in_every_arm(norm: str) -> None:
    """One weight-decay rule: kernels decay, biases and norm parameters never do."""
    recipe = resolved(norm, preset="lean", optimizer={"weight_decay": 0.1})
    model = build(Job(recipe, 0))
    decayed = [p for g in optimizer_for(model, recipe.optimizer).param_groups if g["weight_decay"] for p in g["params"]]
    kernels = [m.weight for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert {id(p) for p in decayed} == {id(p) for p in kernels}


def test_all_parameters_are_in_the_optimizer_once() -> None:
    """Nothing is left untrained, nothing is stepped twice."""
    model = build(job("bn"))
    optimizer = optimizer_for(model, job("bn").recipe.optimizer)
    stepped = [id(p) for group in optimizer.param_groups for p in group["params"]]
    assert sorted(stepped) == sorted(id(p) for p in model.parameters())


def test_every_named_norm_is_covered_here() -> None:
    """A norm added to the registry has to be added to these rules."""
    families = {name.split(":")[0] for name in known()}
    assert families == {name.split(":")[0] for name in NORMS}


@pytest.mark.slow  # a second or more
def test_the_verdict_never_sees_a_chosen_epoch(mnist: Dataset) -> None:
    """A record's predictions are the final epoch's, not the best one's."""
    from normlab import training

    small = replace(
        mnist,
        train_images=mnist.train_images[:512],
        train_labels=mnist.train_labels[:512],
        test_images=mnist.test_images[:500],
        test_labels=mnist.test_labels[:500],
    )
    record = training.train(job("gn", epochs=3), small)
    right = int(np.sum(record.predictions == small.test_labels))
    assert right == record.final.judged_correct == record.epochs[2].judged_correct
