from __future__ import annotations

import copy
from collections.abc import Iterable

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.errors import EngineError
from normlab.penalties import named, of_recipe
from normlab.spec import Optimizer, Penalty, Recipe
from normlab.training.lanes.network import Network
from normlab.training.lanes.update import update_for
from normlab.training.optim import optimizer_for, set_rate

pytestmark = pytest.mark.slow  # each compiles a step

SETTINGS = {"kind": st.sampled_from(["sgd", "adamw"]), "weight_decay": st.sampled_from([0.0, 1e-4, 0.1])}
OPTIMIZERS = st.one_of(
    st.builds(Optimizer, **SETTINGS, momentum=st.sampled_from([0.0, 0.5, 0.9])),
    st.builds(Optimizer, **SETTINGS, momentum=st.sampled_from([0.5, 0.9]), nesterov=st.sampled_from([True])),
)
PENALTIES = st.one_of(
    st.none(),
    st.builds(
        Penalty,
        kind=st.sampled_from(["subgrad", "prox", "spred", "l2", "elastic"]),
        lam=st.sampled_from([1e-4, 1e-2, 0.5]),
        on=st.sampled_from(["weights", "all", "0.*"]),
    ),
    st.builds(Penalty, kind=st.just("gamma"), lam=st.sampled_from([1e-2, 0.5]), on=st.just("scales")),
    st.builds(Penalty, kind=st.just("group"), lam=st.sampled_from([1e-3, 0.1]), on=st.sampled_from(["weights", "0.*"])),
)


def pair_of_models() -> tuple[nn.Sequential, nn.Sequential]:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 5, 3), nn.GroupNorm(1, 5), nn.Conv2d(5, 7, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    return model, copy.deepcopy(model)


@settings(max_examples=60)
@given(optimizer=OPTIMIZERS, penalty=PENALTIES)
@pytest.mark.long
def test_steps_are_those_of_pytorchs_optimizer(optimizer: Optimizer, penalty: Penalty | None) -> None:
    """Five steps at changing rates move every parameter as torch.optim and the penalty's own object do."""
    assume(not (penalty and penalty.kind == "group" and optimizer.kind == "adamw"))
    model, reference = pair_of_models()
    update = update_for(Network(model, (1, 8, 8), 16), model, optimizer, penalty)
    term = of_recipe(Recipe(optimizer=optimizer, penalty=penalty or Penalty()))
    if term:
        term.attach(reference)
    plain = optimizer_for(reference, optimizer)
    if term:
        term.watch(plain)
    for step in range(5):
        plain.zero_grad()
        slopes = [torch.randn_like(mine) for mine in model.parameters()]
        for mine, slope in zip(model.parameters(), slopes, strict=True):
            assert mine.grad is not None
            mine.grad.copy_(slope)
        values = named(reference, "all").values()
        data_loss = sum((value * slope).sum() for value, slope in zip(in_order(reference, values), slopes, strict=True))
        torch.autograd.backward(data_loss + (term.loss(reference) if term else 0))
        owed = term.value(reference).item() if term else 0.0
        set_rate(plain, 0.01 * (step + 1))
        plain.step()
        if term:
            term.step(plain)
        assert update.step(0.01 * (step + 1)) == pytest.approx(owed, rel=1e-5, abs=1e-9)
    if term:
        term.collapse(reference)
    update.finish()
    for mine, theirs in zip(model.parameters(), in_order(reference, named(reference, "all").values()), strict=True):
        assert torch.allclose(mine, theirs, rtol=2e-5, atol=3e-6)


def in_order(model: nn.Module, values: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """Parameters in the order of a plain model: factors move a weight behind its bias."""
    by_name = dict(zip(named(model, "all"), values, strict=True))
    return [by_name[name] for name in ("0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias")]


def test_group_with_adamw_is_left_to_pytorch() -> None:
    """Said by name, so that the study is trained with another engine."""
    model, _ = pair_of_models()
    with pytest.raises(EngineError, match="no group penalty for adamw"):
        update_for(Network(model, (1, 8, 8), 16), model, Optimizer(kind="adamw"), Penalty(kind="group", lam=0.1))


def test_zero_has_no_slope() -> None:
    """The subgradient of |p| at 0 is 0: a weight that is exactly zero stays there."""
    model, _ = pair_of_models()
    network = Network(model, (1, 8, 8), 16)
    update = update_for(network, model, Optimizer(lr=0.1, momentum=0.0), Penalty(kind="subgrad", lam=0.1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert update.step(0.1) == 0.0
    assert all(not parameter.any() for parameter in model.parameters())
