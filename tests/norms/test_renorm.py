from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.autograd import gradcheck
from torch.func import functional_call

from normlab.norms import Slot, resolve
from normlab.norms.renorm import BatchRenorm

Array = NDArray[np.float64]
EPS = 1e-5


def norm(name: str = "brn:10", steps: int = 0) -> BatchRenorm:
    """One that has made so many steps, with running statistics unlike those of a batch of standard normal numbers."""
    made = resolve(name)(Slot("norm", 4, (3, 2), groups=2)).double()
    assert isinstance(made, BatchRenorm)
    rng = np.random.default_rng(0)
    made.running_mean = torch.from_numpy(rng.normal(0, 4, 4))
    made.running_var = torch.from_numpy(rng.uniform(0.05, 20, 4))
    made.num_batches_tracked = torch.tensor(steps)
    made.weight.data, made.bias.data = (torch.from_numpy(rng.normal(1, 1, 4)) for _ in range(2))
    return made


def batch(seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 1, (5, 4, 3, 2)))


def bounds(steps: int, warm: int) -> tuple[float, float]:
    """By interpolation between the corners of the schedule."""
    r_max = np.interp(steps, [warm, 8 * warm], [1, 3])
    return float(r_max), float(np.interp(steps, [warm, 5 * warm], [0, 5]))


def renormed(x: Array, mean: Array, variance: Array, r_max: float, d_max: float) -> Array:
    """x̂ · r + d, written from the paper."""
    centre, sigma = x.mean((0, 2, 3)), np.sqrt(x.var((0, 2, 3)) + EPS)
    running = np.sqrt(variance + EPS)
    r = np.clip(sigma / running, 1 / r_max, r_max)
    d = np.clip((centre - mean) / running, -d_max, d_max)
    columns = (1, -1, 1, 1)
    normalized = (x - centre.reshape(columns)) / sigma.reshape(columns)
    return normalized * r.reshape(columns) + d.reshape(columns)


@given(steps=st.integers(0, 120), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_it_is_its_formula_at_every_step_of_the_schedule(steps: int, seed: int) -> None:
    """With bounds closed, opening and open; the running statistics are batch norm's, whatever the bounds."""
    made, x = norm(steps=steps), batch(seed)
    mean, variance = made.running_mean.numpy().copy(), made.running_var.numpy().copy()
    gamma, beta = (p.detach().numpy()[:, None, None] for p in (made.weight, made.bias))
    expected = gamma * renormed(x.numpy(), mean, variance, *bounds(steps, 10)) + beta
    np.testing.assert_allclose(made(x).detach(), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(made.running_mean, 0.9 * mean + 0.1 * x.numpy().mean((0, 2, 3)), rtol=1e-9)
    np.testing.assert_allclose(made.running_var, 0.9 * variance + 0.1 * x.numpy().var((0, 2, 3), ddof=1), rtol=1e-9)
    assert made.num_batches_tracked == steps + 1


def test_the_first_steps_are_batch_norms() -> None:
    """Bit for bit: until step W nothing tells the two apart, in training or in evaluation."""
    made, plain = (resolve(name)(Slot("norm", 4, (3, 2), groups=2)) for name in ("brn:3", "bn"))
    for seed in range(4):
        x = batch(seed).float()
        assert torch.equal(made(x), plain(x))
    assert all(torch.equal(value, plain.state_dict()[key]) for key, value in made.state_dict().items())
    x = batch(9).float()
    assert torch.equal(made.eval()(x), plain.eval()(x))
    assert not torch.equal(made.train()(x), plain.train()(x))


@pytest.mark.long
def test_within_its_bounds_training_computes_what_evaluation_does() -> None:
    """The correction is there for that: only where it is clipped do the two differ."""
    made, x = norm(steps=1000), batch()
    made.running_mean, made.running_var = torch.full((4,), 0.3).double(), torch.full((4,), 1.5).double()
    expected = made.eval()(x)
    torch.testing.assert_close(made.train()(x), expected, rtol=1e-9, atol=1e-9)
    far = norm(steps=1000)
    assert not torch.allclose(far.eval()(x), far.train()(x))


def test_the_papers_schedule_can_be_asked_for() -> None:
    """r_max leaves 1 at 5,000 steps and is 3 at 40,000; d_max leaves 0 at 5,000 and is 5 at 25,000."""
    corners = {0: (1, 0), 5000: (1, 0), 15000: (1 + 2 * 10 / 35, 2.5), 25000: (1 + 2 * 20 / 35, 5), 40000: (3, 5)}
    for steps, expected in corners.items():
        assert tuple(map(float, norm("brn:5000", steps).bounds())) == pytest.approx(expected)
    assert norm("brn").steps == 100


def test_no_gradient_goes_through_the_correction() -> None:
    """To the gradient r and d are constants: it is that of batch norm with scale γ·r and shift γ·d + β."""
    made, x = norm(steps=40), batch().requires_grad_()
    r, d = made.correction(x)
    upstream = batch(1)
    made(x).backward(upstream)
    got = x.grad.clone()
    other = batch().requires_grad_()
    scale, shift = (made.weight * r).detach(), (made.weight * d + made.bias).detach()
    torch.nn.functional.batch_norm(other, None, None, scale, shift, training=True, eps=EPS).backward(upstream)
    torch.testing.assert_close(got, other.grad)


def test_gradients_to_scale_and_shift_are_those_of_the_formula() -> None:
    """By finite differences in float64, where the correction is at work."""
    made, x = norm(steps=40), batch()

    def forward(gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        fresh = {key: value.clone() for key, value in made.named_buffers()}
        return functional_call(made, {"weight": gamma, "bias": beta, **fresh}, x)

    assert gradcheck(forward, (made.weight, made.bias))


def test_the_schedule_goes_on_in_a_layer_that_is_restored() -> None:
    """Its step is in the state dict."""
    first = norm(steps=0)
    for seed in range(30):
        first(batch(seed))
    second = norm(steps=0)
    second.load_state_dict(first.state_dict())
    assert second.bounds() == first.bounds()
    assert torch.equal(second(batch(99)), first(batch(99)))
