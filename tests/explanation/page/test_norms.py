"""The page's arithmetic beside PyTorch's, in float64: every number within 1e-9 of its own size or of 1."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.norms import Slot, resolve

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

SHAPES = [(2, 3, 2, 2), (1, 6, 2, 3), (3, 6, 1, 2), (4, 4, 1, 1), (1, 1, 3, 2)]
KINDS = ["bn", "ln", "in", "ln-c", "ln-chw", "rms", "none"]
SOURCE = resources.files("normlab.explanation.page").joinpath("norms.js").read_text("utf-8")


def divisors(channels: int) -> list[int]:
    return [groups for groups in range(1, channels + 1) if channels % groups == 0]


CASES = [(shape, norm) for shape in SHAPES for norm in [*KINDS, *(f"gn:{groups}" for groups in divisors(shape[1]))]]


def run(browser: Chrome, script: str, *given: Any) -> Any:
    """What the script returns, with the functions of norms.js at its hands."""
    return browser.execute_script(f"'use strict';\n{SOURCE}\n{script}", *given)


def layer(norm: str, shape: tuple[int, ...]) -> nn.Module:
    """The layer of that name in float64, with random γ and β."""
    module = resolve(norm)(Slot("layer", shape[1], (shape[2], shape[3]) if norm == "ln-chw" else None, 1)).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module


def job(norm: str, module: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """The same in the words of norms.js."""
    kind, _, count = norm.partition(":")
    channels = x.shape[1]
    groups = {"ln": 1, "in": channels}.get(kind, int(count or 1))
    own = dict(module.named_parameters())
    gamma = own["weight"].flatten().tolist() if own else [1.0] * channels
    beta = own["bias"].flatten().tolist() if own else [0.0] * channels
    return {
        "norm": "gn" if kind in ("ln", "in") else kind,
        "groups": groups,
        "shape": list(x.shape),
        "x": x.flatten().tolist(),
        "gamma": gamma,
        "beta": beta,
        "training": module.training,
        "running": {"mean": [0.0] * channels, "variance": [1.0] * channels, "steps": 0},
    }


def tensor(shape: tuple[int, ...], seed: int = 0) -> torch.Tensor:
    """Random, of a mean and a width that are not 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    return 5 * torch.randn(shape, generator=generator, dtype=torch.float64) + 3


def close(ours: Any, theirs: torch.Tensor) -> None:
    """Equal to 1e-9, relative for numbers above 1 and absolute for those beneath."""
    np.testing.assert_allclose(ours, theirs.detach().flatten().numpy(), rtol=1e-9, atol=1e-9)


def raises(module: nn.Module, x: torch.Tensor) -> bool:
    """Whether PyTorch refuses the tensor for lack of values."""
    try:
        module(x)
    except ValueError as error:
        return "more than 1 value per channel" in str(error)
    return False


def test_outputs_and_gradients_are_those_of_pytorch(browser: Chrome) -> None:
    """Every norm, with every number of groups, at every shape: y, and dL/dx of a random gradient from above."""
    torch.manual_seed(0)
    asked, wanted = [], []
    for shape, norm in CASES:
        module, x, g = layer(norm, shape), tensor(shape).requires_grad_(), tensor(shape, 1)
        if raises(module, x):
            continue
        y = module(x)
        (dx,) = torch.autograd.grad(y, x, g)
        asked.append([job(norm, module, x), g.flatten().tolist()])
        wanted.append((y, dx))
    script = """return arguments[0].map(([job, g]) => {
        const pass = forward(job);
        return [pass.y, backward(pass, g)];
    })"""
    for (y, dx), (our_y, our_dx) in zip(wanted, run(browser, script, asked), strict=True):
        close(our_y, y)
        close(our_dx, dx)


def test_batch_norm_remembers_as_pytorch_does(browser: Chrome) -> None:
    """After several steps on changing batches: running mean and variance, eval's output, eval's gradient."""
    torch.manual_seed(0)
    for shape in [(2, 3, 2, 2), (1, 6, 2, 3), (4, 4, 1, 1)]:
        module = layer("bn", shape)
        batches = [tensor(shape, seed) for seed in range(4)]
        x, g = tensor(shape, 9).requires_grad_(), tensor(shape, 1)
        for batch in batches:
            module(batch)
        y = module.eval()(x)
        (dx,) = torch.autograd.grad(y, x, g)
        script = """const [job, batches, g] = arguments;
            let running = fresh(job.shape[1]);
            for (const x of batches) running = update(running, statistics({...job, x}));
            const pass = forward({...job, running, training: false});
            return [running.mean, running.variance, pass.y, backward(pass, g), running.steps]"""
        given = [batch.flatten().tolist() for batch in batches]
        mean, variance, our_y, our_dx, steps = run(browser, script, job("bn", module, x), given, g.flatten().tolist())
        close(mean, module.get_buffer("running_mean"))
        close(variance, module.get_buffer("running_var"))
        close(our_y, y)
        close(our_dx, dx)
        assert steps == module.get_buffer("num_batches_tracked") == len(batches)


def test_what_pytorch_refuses_is_known(browser: Chrome) -> None:
    """A variance of one value is refused where PyTorch raises, and nowhere else."""
    shapes = [(n, c, 1, w) for n in (1, 2) for c in (1, 2, 4) for w in (1, 2)]
    asked, wanted = [], []
    for shape in shapes:
        for norm in [*KINDS, *(f"gn:{groups}" for groups in divisors(shape[1]))]:
            for training in (True, False):
                module = layer(norm, shape).train(training)
                asked.append(job(norm, module, tensor(shape)))
                wanted.append(raises(module, tensor(shape)))
    assert run(browser, "return arguments[0].map(refuses)", asked) == wanted
    assert any(wanted)


def test_sets_are_numbered_as_one_meets_them(browser: Chrome) -> None:
    """The first cell is in set 0, a new set has the next number, and all sets of a norm are of one size."""
    for shape, norm in CASES:
        found = run(browser, "return toSets(arguments[0])", job(norm, layer(norm, shape), tensor(shape)))
        if norm == "none":
            assert set(found) == {-1}
            continue
        first = list(dict.fromkeys(found))
        assert first == list(range(len(first)))
        assert len({found.count(number) for number in first}) == 1


def test_scaled_weights_are_as_autograd_finds_them(browser: Chrome) -> None:
    """How far outputs move, and by what the gradient shrinks, for a scale of the weights before every norm."""
    torch.manual_seed(0)
    alpha, shape = 3.0, (2, 6, 2, 2)
    for norm in [*KINDS, "gn:3"]:
        module, x, g = layer(norm, shape), tensor(shape), tensor(shape, 1)
        ys, lengths = [], []
        for scale in (1.0, alpha):
            scaled = (scale * x).requires_grad_()
            ys.append(module(scaled))
            lengths.append(torch.autograd.grad(ys[-1], scaled, g)[0].norm())
        found = run(browser, "return scaled(...arguments)", job(norm, module, x), g.flatten().tolist(), alpha)
        ratio = lengths[1] / lengths[0]
        close(
            [found["moved"], found["gradient"], found["step"]],
            torch.stack([(ys[1] - ys[0]).abs().max(), ratio, ratio / alpha]),
        )
        if norm != "none":
            assert found["gradient"] == pytest.approx(1 / alpha, rel=1e-3)


def test_the_soft_threshold_is_pytorchs(browser: Chrome) -> None:
    """Exactly zero within the threshold, nearer to zero by it outside; L2's step never reaches zero."""
    w = torch.linspace(-3, 3, 121, dtype=torch.float64)
    for t in (0.0, 0.5, 2.0):
        script = "return arguments[0].map(w => [softThreshold(w, arguments[1]), shrink(w, arguments[1])])"
        soft, ridge = np.array(run(browser, script, w.tolist(), t)).T
        close(soft, F.softshrink(w, t))
        close(ridge, w / (1 + t))
        assert ((ridge == 0) == (w.numpy() == 0)).all()
