"""Networks laid beside each other, in a loop and in a study: each fault, and the sound arms beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from normlab.faults import Probe, Severity, Subject, find, of_study
from normlab.spec import Study, design


def network(norm: nn.Module | None = None, *more: nn.Module, seed: int = 0) -> nn.Module:
    """Every arm's, from the same initial weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        first = nn.Conv2d(1, 8, 3)
        return nn.Sequential(first, norm or nn.BatchNorm2d(8), nn.ReLU(), *more, nn.Flatten(), nn.Linear(5408, 10))


def codes(*models: nn.Module, norms: tuple[str, ...] = ("bn", "gn"), **more: Any) -> list[str]:
    """What is found of a loop whose arms have these networks."""
    probes = [Probe(norm, norm, model, **more) for norm, model in zip(norms, models, strict=True)]
    return [finding.code for finding in find(Subject(probes))]


def sound() -> nn.Module:
    """An arm to which there is nothing to say."""
    return network(nn.GroupNorm(2, 8))


def changed(change: Callable[[nn.Module], object]) -> nn.Module:
    """One with a fault."""
    model = network()
    change(model)
    return model


def test_networks_that_differ_in_their_norms_alone_have_no_fault() -> None:
    """Batch, group, layer and instance norm, and none, on the same initial weights."""
    others = [nn.GroupNorm(2, 8), nn.GroupNorm(1, 8), nn.GroupNorm(8, 8), nn.Identity()]
    models = [network(), *(network(norm) for norm in others)]
    assert codes(*models, norms=("bn", "gn", "ln", "in", "none")) == []


def test_affine_off_in_one_arm() -> None:
    """Two parameters a channel fewer, too few for their count to tell."""
    assert codes(network(), network(nn.GroupNorm(2, 8, affine=False))) == ["affine-off"]


def test_affine_off_everywhere_is_no_fault() -> None:
    """It is equal."""
    norms = nn.BatchNorm2d(8, affine=False), nn.GroupNorm(2, 8, affine=False)
    assert codes(*map(network, norms)) == []


def test_another_momentum_of_running_statistics() -> None:
    """Two batch norms, of which one forgets sooner; arms without running statistics have no say."""
    other = network(nn.BatchNorm2d(8, momentum=0.5))
    assert codes(network(), other, sound(), norms=("bn", "bn slow", "gn")) == ["different-momentum"]
    assert codes(other, sound()) == []


def test_other_initial_weights() -> None:
    """Drawn one after the other without a seed between; what starts alike is silent."""
    assert codes(network(), network(nn.GroupNorm(2, 8), seed=1)) == ["initial-weights"]
    assert codes(network(), sound()) == []


def test_networks_of_other_shapes_have_no_weights_to_share() -> None:
    """They are told of by their numbers of parameters."""
    wide = nn.Sequential(nn.Conv2d(1, 9, 3), nn.GroupNorm(3, 9), nn.Flatten(), nn.Linear(6084, 10))
    assert codes(network(), wide) == ["parameter-counts"]


def test_dropout_beside_another_norm() -> None:
    """Two things changed at once."""
    (found,) = find(
        Subject([Probe("bn", "bn", network()), Probe("gn", "gn", network(nn.GroupNorm(2, 8), nn.Dropout()))])
    )
    assert found.code == "other-layers"
    assert "Dropout(p=0.5" in found.what


def test_dropout_beside_the_same_norm_is_a_question() -> None:
    """And so is every norm with and without it."""
    assert codes(network(), network(None, nn.Dropout()), norms=("bn", "bn")) == []
    crossed = network(), network(None, nn.Dropout()), sound(), network(nn.GroupNorm(2, 8), nn.Dropout())
    assert codes(*crossed, norms=("bn", "bn", "gn", "gn")) == []


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        (nn.GroupNorm(1, 8), nn.GroupNorm(1, 8), ("ln", "gn:1")),
        (nn.InstanceNorm2d(8, affine=True), nn.GroupNorm(8, 8), ("in", "gn:8")),
    ],
)
def test_one_network_under_two_names(one: nn.Module, other: nn.Module, names: tuple[str, str]) -> None:
    """Layer norm is group norm of one group, instance norm that of one channel each, whatever class computes it."""
    assert codes(network(one), network(other), norms=names) == ["same-network"]


def test_groups_that_differ_are_two_networks() -> None:
    """As are one network's arms with and without a penalty."""
    assert codes(network(nn.GroupNorm(4, 8)), network(nn.GroupNorm(8, 8)), norms=("gn:4", "gn:8")) == []
    assert codes(network(), network(), norms=("bn", "bn")) == []


@pytest.mark.parametrize(
    "model",
    [
        network(nn.BatchNorm2d(8, momentum=0.0)),
        network(nn.BatchNorm2d(8, track_running_stats=False)),
        changed(lambda model: model.get_submodule("1").eval()),
    ],
    ids=["momentum 0", "no running statistics", "eval mode"],
)
def test_statistics_that_do_not_follow(model: nn.Module) -> None:
    """Of an arm that is otherwise sound."""
    assert codes(model, sound()) == ["frozen-statistics"]


def test_a_network_that_is_not_being_trained_has_no_frozen_statistics() -> None:
    """All of it in eval mode is somebody who has just evaluated it; a mean over all batches follows them."""
    assert codes(network().eval(), sound()) == []
    assert codes(network(nn.BatchNorm2d(8, momentum=None)), sound()) == []


def test_weights_that_are_held_in_one_arm() -> None:
    """Held in both is no difference."""
    held = changed(lambda model: model.get_submodule("0").requires_grad_(requires_grad=False))
    also = sound()
    assert codes(held, also) == ["frozen-weights"]
    also.get_submodule("0").requires_grad_(requires_grad=False)
    assert codes(held, also) == []


OWN = """
from torch import nn

def body(norm, *more):
    return nn.Sequential(nn.Conv2d(1, 8, 5, stride=4), norm, nn.Flatten(), nn.Linear(288, 10), *more)

def one():
    return body(nn.BatchNorm2d(8))

def other():
    {lines}

def asked(norm):
    return body(norm(8), *([nn.Dropout()] if isinstance(norm(8), nn.GroupNorm) else []))

def plain(norm):
    return body(norm(8), nn.Dropout(0.1))
"""


def of_own(tmp_path: Path, lines: str = "return one()", **study: Any) -> list[str]:
    """What is found of a study of networks in a file of one's own."""
    path = tmp_path / "nets.py"
    path.write_text(OWN.format(lines=lines))
    arms = study.pop("arms", ["one", "other"])
    made = [{"name": arm, "model": f"{path}:{arm}"} for arm in arms]
    return [finding.code for finding in find(of_study(Study.model_validate({**study, "arms": made})))]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("return body(nn.BatchNorm2d(8, affine=False))", ["affine-off"]),
        ("return body(nn.BatchNorm2d(8, eps=1e-3))", ["different-eps"]),
        ("return body(nn.BatchNorm2d(8, momentum=0.5))", ["different-momentum"]),
        ("return body(nn.BatchNorm2d(8, momentum=0.0))", ["frozen-statistics"]),
        ("nn.Linear(3, 3); return one()", ["initial-weights"]),
        ("made = one(); made[0].requires_grad_(False); return made", ["frozen-weights"]),
        ("return body(nn.BatchNorm2d(8), nn.ReLU())", []),
    ],
)
@pytest.mark.slow
def test_two_functions_of_ones_own_are_compared_as_they_are_built(tmp_path: Path, lines: str, found: list[str]) -> None:
    """Whatever else the question is; another layer is the question itself."""
    assert of_own(tmp_path, lines) == found


def test_a_function_that_looks_at_its_norm_may_change_more(tmp_path: Path) -> None:
    """Dropout for group norm alone; the same layers for all norms are no fault."""
    for name, found in (("asked", ["other-layers"]), ("plain", [])):
        (tmp_path / "nets.py").write_text(OWN.format(lines="pass"))
        study = design(norms=["bn", "gn:2"], l1=[0], model=f"{tmp_path / 'nets.py'}:{name}")
        assert [finding.code for finding in find(of_study(study))] == found


def test_arms_of_one_study_that_are_the_same_network_are_an_error() -> None:
    """By Python, where no verb has looked at the arms before; every layer has to be the same."""
    (found,) = find(of_study(design(norms=["ln", "gn:1"], l1=[0])))
    assert (found.code, found.severity, found.where) == ("same-network", Severity.error, "ln, gn:1")
    assert find(of_study(design(norms=["in", "gn:8"], l1=[0]))) == ()  # lean has 8 channels, and 16


@pytest.mark.long
def test_normlabs_own_networks_start_alike() -> None:
    """Every norm, with whatever it needs around it."""
    norms = ["bn", "ln", "gn:4", "ws+gn:4", "frn", "evonorm-s0", "none"]
    assert find(of_study(design(norms=norms, l1=[0], model="resnet8"))) == ()
