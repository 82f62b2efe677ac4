from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch import nn

from normlab.errors import SpecError
from normlab.penalties import L1

LAMBDAS = st.floats(1e-8, 10)
KERNELS = arrays(np.float64, (2, 3), elements=st.one_of(st.just(0.0), st.floats(-100, 100)))


def linear(kernel: NDArray[np.float64]) -> nn.Sequential:
    """A linear layer with this kernel and a bias of ones, and a norm after it."""
    layer = nn.Linear(3, 2).double()
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(kernel))
        layer.bias.fill_(1)
    return nn.Sequential(layer, nn.BatchNorm1d(2).double())


@given(lam=LAMBDAS, kernel=KERNELS)
@settings(deadline=None)
def test_the_loss_is_lambda_times_the_sum_of_absolute_values(lam: float, kernel: NDArray[np.float64]) -> None:
    """λ·Σ|p| over the kernel; the scope "all" adds two biases and two γ of 1, and two β of 0."""
    expected = float(np.abs(kernel).sum())
    for scope, more in (("weights", 0), ("all", 4)):
        penalty = L1(linear(kernel), lam, scope)
        loss = penalty.loss()
        assert loss is not None
        assert penalty.abs_sum().item() == pytest.approx(expected + more)
        assert loss.item() == pytest.approx(lam * (expected + more))


@given(lam=LAMBDAS, kernel=KERNELS)
@settings(deadline=None)
def test_the_gradient_is_lambda_times_the_sign(lam: float, kernel: NDArray[np.float64]) -> None:
    """λ·sign(p), zero where p is zero, and nothing on what is not penalised."""
    model = linear(kernel)
    loss = L1(model, lam).loss()
    assert loss is not None
    loss.backward()
    np.testing.assert_allclose(model[0].weight.grad, lam * np.sign(kernel), rtol=1e-12)
    assert model[0].bias.grad is None
    assert model[1].weight.grad is None


def test_the_penalty_follows_the_weights() -> None:
    """It is looked up once but counted anew each time."""
    model = linear(np.ones((2, 3)))
    penalty = L1(model, 0.5)
    with torch.no_grad():
        model[0].weight.mul_(-3)
    assert penalty.abs_sum().item() == 18
    loss = penalty.loss()
    assert loss is not None
    assert loss.item() == 9


def test_a_shared_module_is_penalised_once() -> None:
    """A layer used twice pays once."""
    layer = nn.Linear(2, 2)
    once, twice = L1(nn.Sequential(layer), 1.0), L1(nn.Sequential(layer, nn.ReLU(), layer), 1.0)
    assert twice.abs_sum().item() == once.abs_sum().item()


def test_lambda_zero_costs_nothing() -> None:
    """With λ = 0 there is no loss to compute, while Σ|p| can still be told."""
    penalty = L1(linear(np.ones((2, 3))), 0.0)
    assert penalty.loss() is None
    assert penalty.abs_sum().item() == 6


def test_a_model_without_kernels_has_a_penalty_of_zero() -> None:
    """Nothing to penalise is no error."""
    assert L1(nn.Sequential(nn.ReLU()), 1.0).abs_sum().item() == 0


@pytest.mark.parametrize("lam", [-1e-9, -1.0, float("nan"), float("inf"), -float("inf")])
def test_a_lambda_that_is_no_penalty_is_refused(lam: float) -> None:
    """Negative, NaN or infinite: the error says what came."""
    with pytest.raises(SpecError, match=f"expected a finite λ of at least 0, got {lam}"):
        L1(linear(np.ones((2, 3))), lam)


def test_an_unknown_scope_is_refused() -> None:
    """Also where λ is zero."""
    with pytest.raises(SpecError, match="got 'some'"):
        L1(linear(np.ones((2, 3))), 0.0, "some")
