"""Every way to L1 finds the lasso's own minimum on a linear problem, whatever the optimizer."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import ElasticNet, Lasso
from torch import nn

from normlab.penalties import penalty as make

pytestmark = pytest.mark.slow  # a minimum to 1e-5 is thousands of steps away

LAM = 0.1
INPUTS, ROWS = 12, 60
STEPS = 1500
"""800 are not quite enough for Adam."""
Floats = NDArray[np.float64]


@cache
def problem() -> tuple[Floats, Floats]:
    """Correlated inputs and outputs that four of them make."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((ROWS, INPUTS)) + 0.5 * rng.standard_normal((ROWS, 1))
    truth = np.array([1.5, -2.0, 0, 0, 0.7, 0, 0, 0, 0, -0.4, 0, 0])
    return x, x @ truth + 0.1 * rng.standard_normal(ROWS)


def fitted(kind: str, optimizer: str, steps: int, mix: float = 0.5) -> Floats:
    """The weights that a loop with this penalty ends at: half the mean squared error, as scikit-learn has it."""
    x, y = (torch.from_numpy(part) for part in problem())
    model = nn.Linear(INPUTS, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(torch.linspace(-0.5, 0.5, INPUTS)[None])
    penalty = make(kind, LAM, mix=mix).attach(model)
    moved = OPTIMIZERS[optimizer](list(model.parameters()))
    for step in range(steps):
        loss = (model(x)[:, 0] - y).square().mean() / 2 + penalty.loss(model)
        moved.zero_grad()
        loss.backward()
        if optimizer.startswith("adam"):  # whose steps do not end on their own
            moved.param_groups[0]["lr"] = 0.02 * (1 - step / steps)
        moved.step()
        penalty.step(moved)
    penalty.collapse(model)
    return model.weight.detach().numpy()[0]


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "dampened": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, dampening=0.5),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.02, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0),
}


@cache
def lasso() -> Floats:
    return np.asarray(Lasso(alpha=LAM, fit_intercept=False, tol=1e-14, max_iter=100_000).fit(*problem()).coef_)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.long
def test_prox_finds_the_lassos_minimum(optimizer: str) -> None:
    """To 1e-5 of scikit-learn's solution, and with exactly its zeros, for every optimizer with a known pace."""
    found = fitted("prox", optimizer, STEPS)
    np.testing.assert_allclose(found, lasso(), atol=1e-5)
    assert 0 < (lasso() == 0).sum() < INPUTS
    np.testing.assert_array_equal(found == 0, lasso() == 0)


def test_a_threshold_of_rate_times_lambda_would_be_ten_times_too_weak() -> None:
    """Under momentum 0.9 the minimum found would be that of a tenth of λ: the reason for the pace."""
    x, y = (torch.from_numpy(part) for part in problem())
    weight = torch.zeros(INPUTS, dtype=torch.float64, requires_grad=True)
    moved = torch.optim.SGD([weight], lr=0.02, momentum=0.9)
    for _ in range(STEPS):
        moved.zero_grad()
        ((x @ weight - y).square().mean() / 2).backward()
        moved.step()
        with torch.no_grad():
            weight.copy_(weight.sign() * (weight.abs() - 0.02 * LAM).clamp_min(0))
    weaker = Lasso(alpha=LAM / 10, fit_intercept=False, tol=1e-14, max_iter=100_000).fit(*problem()).coef_
    np.testing.assert_allclose(weight.detach(), weaker, atol=1e-5)


@pytest.mark.long
def test_spred_finds_the_lassos_minimum() -> None:
    """Its smooth problem has the same minimum; zeros are approached and cut at the end."""
    found = fitted("spred", "momentum", 5000)
    np.testing.assert_allclose(found, lasso(), atol=1e-5)
    np.testing.assert_array_equal(found == 0, lasso() == 0)


def test_a_subgradient_finds_it_roughly_and_leaves_no_zero() -> None:
    """It hovers about the minimum by λ times the pace, and not one weight is exactly zero."""
    found = fitted("subgrad", "momentum", STEPS)
    np.testing.assert_allclose(found, lasso(), atol=0.05)
    assert (found != 0).all()


@pytest.mark.parametrize("mix", [0.3, 1.0])
@pytest.mark.long
def test_elastic_finds_the_elastic_nets_minimum(mix: float) -> None:
    """Parametrized as scikit-learn's `alpha` and `l1_ratio`."""
    wanted = ElasticNet(alpha=LAM, l1_ratio=mix, fit_intercept=False, tol=1e-14, max_iter=100_000).fit(*problem())
    np.testing.assert_allclose(fitted("elastic", "momentum", STEPS, mix), wanted.coef_, atol=1e-5)


def test_l2_finds_the_ridge_solution() -> None:
    """(XᵀX/n + λ)⁻¹ Xᵀy/n, in closed form."""
    x, y = problem()
    wanted = np.linalg.solve(x.T @ x / ROWS + LAM * np.eye(INPUTS), x.T @ y / ROWS)
    np.testing.assert_allclose(fitted("l2", "momentum", STEPS), wanted, atol=1e-8)
