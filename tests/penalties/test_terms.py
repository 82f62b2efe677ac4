from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import SpecError, UnknownName
from normlab.penalties import PENALTIES, factors_of, weights_of
from normlab.penalties import penalty as make

PROXIMAL = ("prox", "group", "gamma", "elastic")


def network() -> nn.Sequential:
    """Two convolutions with biases, a norm, and a linear layer."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 4, 3), nn.Flatten(), nn.Linear(64, 3)
    )


def trained(kind: str, lam: float, steps: int = 40) -> nn.Sequential:
    """The loop of the module `penalties.term`, on noise."""
    model = network()
    penalty = make(kind, lam).attach(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    x, y = torch.randn(32, 1, 8, 8), torch.randint(3, (32,))
    for _ in range(steps):
        loss = F.cross_entropy(model(x), y) + penalty.loss(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        penalty.step(optimizer)
    penalty.collapse(model)
    return model


@pytest.mark.parametrize("kind", PENALTIES)
@pytest.mark.slow
def test_one_loop_serves_every_kind(kind: str) -> None:
    """The model is plain again at the end, has the same parameters, and computes."""
    model = trained(kind, 1e-3)
    assert {name for name, _ in model.named_parameters()} == {name for name, _ in network().named_parameters()}
    assert torch.isfinite(model(torch.randn(2, 1, 8, 8))).all()


@pytest.mark.parametrize("kind", PENALTIES)
@pytest.mark.slow
def test_only_what_is_in_scope_is_touched(kind: str) -> None:
    """With λ = 0 every kind but spred trains exactly as no penalty does."""
    plain = trained("subgrad", 0.0)
    model = trained(kind, 0.0)
    for name, mine in model.named_parameters():
        assert kind == "spred" or torch.allclose(mine, plain.get_parameter(name), atol=1e-7), name


@pytest.mark.parametrize("kind", PENALTIES)
@pytest.mark.slow
def test_who_makes_exact_zeros(kind: str) -> None:
    """The proximal kinds do where λ is large enough; subgradients, L2 and unfinished factors do not."""
    model = trained(kind, 0.3)
    scales = [model[1].weight] if kind == "gamma" else weights_of(model)
    zeros = sum(int((value == 0).sum()) for value in scales)
    assert (zeros > 0) == (kind in PROXIMAL)


@pytest.mark.slow
def test_a_step_needs_a_model() -> None:
    """A proximal step does not know which parameters to move before it has seen a model."""
    model = network()
    with pytest.raises(SpecError, match=r"call penalty\.attach"):
        make("prox", 0.1).step(torch.optim.SGD(model.parameters(), lr=0.1))


def test_the_loss_looks_a_new_model_up() -> None:
    """Who calls `loss` first need not attach, except for spred."""
    model = network()
    assert make("prox", 0.1).loss(model).item() == 0
    assert make("subgrad", 2.0).loss(model).item() == pytest.approx(
        2 * sum(w.abs().sum().item() for w in weights_of(model)), rel=1e-6
    )
    with pytest.raises(SpecError, match="before the optimizer is made"):
        make("spred", 0.1).loss(model)


def test_an_optimizer_of_unknown_pace_is_refused() -> None:
    """A threshold of the wrong size would silently be another λ."""
    model = network()
    with pytest.raises(SpecError, match="known for SGD, Adam or AdamW, not for RMSprop"):
        make("prox", 0.1).attach(model).step(torch.optim.RMSprop(model.parameters()))


def test_an_optimizer_that_moves_something_else_is_refused() -> None:
    """For instance one that was made before the model was replaced by a copy."""
    model = network()
    optimizer = torch.optim.SGD(copy.deepcopy(model).parameters(), lr=0.1)
    with pytest.raises(SpecError, match="does not move 3 of the penalised parameters"):
        make("prox", 0.1).attach(model).step(optimizer)


@pytest.mark.parametrize("lam", [-1e-9, float("nan"), float("inf"), "1e-4", True, None])
@pytest.mark.parametrize("kind", PENALTIES)
def test_a_lambda_that_is_no_number_is_refused(kind: str, lam: object) -> None:
    """Negative, NaN, infinite or text: the error says what came."""
    with pytest.raises(SpecError, match="expected a finite number λ of at least 0, got"):
        make(kind, lam)  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused() -> None:
    """With the kinds that there are."""
    with pytest.raises(UnknownName, match="did you mean prox"):
        make("proxy", 0.1)


def test_gamma_needs_norm_scales() -> None:
    """A network without norms has none, and the error says so."""
    with pytest.raises(SpecError, match="no norm has a scale"):
        make("gamma", 0.1).attach(nn.Sequential(nn.Linear(2, 2)))


def test_a_pattern_for_gamma_that_holds_no_scale_is_refused() -> None:
    """It would penalise nothing; the error lists the scales."""
    with pytest.raises(SpecError, match=r"'0\.\*' holds none of the scales; these are 1\.weight"):
        make("gamma", 0.1, "0.*").attach(network())


def test_factors_start_as_the_weights_they_replace() -> None:
    """U⊙V is W up to rounding, V is one number, and collapsing gives W back."""
    model, plain = network(), network()
    penalty = make("spred", 0.1).attach(model)
    assert len(factors_of(model)) == 6
    for mine, theirs in zip([model[0].weight, model[3].weight], [plain[0].weight, plain[3].weight], strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-6)
    penalty.collapse(model)
    assert not factors_of(model)
    assert torch.allclose(model[5].weight, plain[5].weight, rtol=1e-6)


def test_lambda_charges_factors_as_it_charges_their_products() -> None:
    """λ/2·(u² + v²) is at least λ·|u·v|, and equal where both factors are of one size."""
    model = network()
    penalty = make("spred", 0.1).attach(model)
    assert penalty.loss(model) >= penalty.value(model)
    with torch.no_grad():
        for u, v in zip(factors_of(model)[::2], factors_of(model)[1::2], strict=True):
            v.copy_(u.abs())
    assert penalty.loss(model).item() == pytest.approx(penalty.value(model).item(), rel=1e-6)


@pytest.mark.parametrize("kind", ["prox", "group", "elastic"])
def test_zeros_are_held_by_the_gradient_and_not_by_what_a_step_leaves_there(kind: str) -> None:
    """A Nesterov step of PyTorch writes something else over the gradients, so they are taken before it."""
    model = network()
    penalty = make(kind, 1e-3).attach(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, foreach=True)
    penalty.watch(optimizer)
    held = penalty.lasso.held if kind == "elastic" else penalty.held  # type: ignore[attr-defined]
    x, y = torch.randn(32, 1, 8, 8), torch.randint(3, (32,))
    for _ in range(3):
        optimizer.zero_grad()
        (F.cross_entropy(model(x), y) + penalty.loss(model)).backward()
        slopes = torch.cat([p.grad.clone().flatten() for p in weights_of(model) if p.grad is not None])
        optimizer.step()
        penalty.step(optimizer)
        assert torch.equal(held.slopes, slopes)
