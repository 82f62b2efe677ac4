"""Every norm beside the formula that defines it, written in NumPy, and beside PyTorch's own function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from torch import nn
from torch.autograd import gradcheck
from torch.func import functional_call
from torch.nn import functional as F

from normlab.norms import EPS, Slot, known, resolve

Array = NDArray[np.float64]


def standardized(x: Array, over: tuple[int, ...]) -> Array:
    """(x − mean) / sqrt(biased variance + 1e-5), both over the named axes."""
    mean = x.mean(axis=over, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=over, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5)


def grouped(x: Array, groups: int) -> Array:
    """Standardized over the channels of a group and all positions, image by image."""
    n, c, h, w = x.shape
    return standardized(x.reshape(n, groups, c // groups, h, w), (2, 3, 4)).reshape(x.shape)


def root_mean_square(x: Array) -> Array:
    return x / np.sqrt((x**2).mean(axis=(1, 2, 3), keepdims=True) + 1e-5)


def by_twos(x: Array) -> Array:
    """Standardized as batch norm does it, two images at a time."""
    return np.concatenate([standardized(x[i : i + 2], (0, 2, 3)) for i in range(0, len(x), 2)])


FORMULAS: dict[str, Callable[[Array], Array]] = {
    "bn": lambda x: standardized(x, (0, 2, 3)),
    "ln": lambda x: standardized(x, (1, 2, 3)),
    "gn": lambda x: grouped(x, 2),  # the slot's own groups, see `slot_of`
    "gn:4": lambda x: grouped(x, 4),
    "gn:cpg=4": lambda x: grouped(x, x.shape[1] // 4),
    "in": lambda x: standardized(x, (2, 3)),
    "ln-chw": lambda x: standardized(x, (1, 2, 3)),
    "ln-c": lambda x: standardized(x, (1,)),
    "rms": root_mean_square,
    "gbn:2": by_twos,
    "brn": lambda x: standardized(x, (0, 2, 3)),  # in its first steps, see `test_renorm`
    "none": lambda x: x,
}


Parameters = dict[str, Array]
"""By name, in shapes that go with (N, C, H, W)."""


def filter_response(x: Array, p: Parameters) -> Array:
    """The thresholded linear unit of x over its root mean square in each plane."""
    scaled = x / np.sqrt((x**2).mean(axis=(2, 3), keepdims=True) + 1e-5)
    return np.maximum(p["weight"] * scaled + p["bias"], p["threshold"])


def dynamic_tanh(x: Array, p: Parameters) -> Array:
    return p["weight"] * np.tanh(p["alpha"] * x) + p["bias"]


def evolved(x: Array, p: Parameters, groups: int = 2) -> Array:
    """Swish over the standard deviation of each image's group of channels."""
    n, c = x.shape[:2]
    deviations = np.sqrt(x.reshape(n, groups, -1).var(axis=2) + 1e-5).repeat(c // groups, axis=1)
    swish = x / (1 + np.exp(-p["slope"] * x))
    return p["weight"] * swish / deviations[:, :, None, None] + p["bias"]


MORE: dict[str, Callable[[Array, Parameters], Array]] = {
    "frn": filter_response,
    "dyt": dynamic_tanh,
    "evonorm-s0": evolved,  # the slot's own groups
    "evonorm-s0:4": lambda x, p: evolved(x, p, groups=4),
}
"""Those that learn more than γ and β."""


def per_channel(values: torch.Tensor) -> torch.Tensor:
    return values.view(-1, 1, 1)


def over_channels(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x.movedim(1, -1), x.shape[1:2], gamma, beta, eps=1e-5).movedim(-1, 1)


TORCH: dict[str, Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "bn": lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True, eps=1e-5),
    "ln": lambda x, g, b: F.group_norm(x, 1, g, b, eps=1e-5),
    "gn": lambda x, g, b: F.group_norm(x, 2, g, b, eps=1e-5),
    "gn:4": lambda x, g, b: F.group_norm(x, 4, g, b, eps=1e-5),
    "gn:cpg=4": lambda x, g, b: F.group_norm(x, x.shape[1] // 4, g, b, eps=1e-5),
    "in": lambda x, g, b: F.instance_norm(x, weight=g, bias=b, eps=1e-5),
    "ln-chw": lambda x, g, b: F.layer_norm(x, x.shape[1:], g, b, eps=1e-5),
    "ln-c": over_channels,
    "gbn:2": lambda x, g, b: torch.cat([TORCH["bn"](part, g, b) for part in x.split(2)]),
    "brn": lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True, eps=1e-5),
    "rms": lambda x, g, b: F.rms_norm(x, x.shape[1:], eps=1e-5) * per_channel(g) + per_channel(b),
}
LEARNED = sorted(TORCH)
REMEMBERING = ("bn", "gbn:2", "brn")


@st.composite
def images(draw: st.DrawFn) -> Array:
    """Some images (N, C, H, W) of several positions, with channels that four groups divide."""
    shape = (draw(st.integers(1, 3)), 4 * draw(st.integers(1, 3)), draw(st.integers(2, 5)), draw(st.integers(1, 5)))
    return draw(arrays(np.float64, shape, elements=st.floats(-100, 100), fill=st.floats(-100, 100)))


def slot_of(x: Array | torch.Tensor) -> Slot:
    _, channels, height, width = x.shape
    return Slot("norm", channels, (height, width), groups=2)


def built(name: str, x: Array | torch.Tensor, seed: int = 0) -> nn.Module:
    """The norm for x in float64, with γ and β drawn so that a mixed-up one shows."""
    module = resolve(name)(slot_of(x)).double()
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(1, 1, tuple(parameter.shape))))
    return module


def affine(module: nn.Module) -> tuple[Array, Array]:
    """γ and β in a shape that goes with (N, C, H, W)."""
    gamma, beta = (parameter.detach().numpy() for parameter in module.parameters())
    return (gamma, beta) if gamma.ndim == 3 else (gamma[:, None, None], beta[:, None, None])


def test_every_name_has_a_formula_here() -> None:
    """A norm that is added to the registry has to be added to these tests."""
    families = {name.removeprefix("ws+").split(":")[0] for name in known()}
    assert families == {name.split(":")[0] for name in (*FORMULAS, *MORE)}
    assert set(FORMULAS) - set(TORCH) == {"none"}


@pytest.mark.parametrize("name", LEARNED)
@given(x=images(), seed=st.integers(0, 99))
@settings(max_examples=25)
@pytest.mark.slow
def test_a_norm_is_its_formula(name: str, x: Array, seed: int) -> None:
    """In training, y = γ · formula(x) + β, with statistics over the axes of the definition."""
    module = built(name, x, seed)
    gamma, beta = affine(module)
    y = module(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(y, gamma * FORMULAS[name](x) + beta, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", LEARNED)
@given(x=images(), seed=st.integers(0, 99))
@settings(max_examples=25)
@pytest.mark.slow
def test_a_norm_is_what_torch_has(name: str, x: Array, seed: int) -> None:
    """Where PyTorch has a function for it, the values are the same."""
    module = built(name, x, seed)
    tensor = torch.from_numpy(x)
    expected = TORCH[name](tensor, *module.parameters())
    torch.testing.assert_close(module(tensor), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", MORE)
@given(x=images(), seed=st.integers(0, 99))
@settings(max_examples=25)
@pytest.mark.slow
def test_a_norm_that_learns_more_is_its_formula(name: str, x: Array, seed: int) -> None:
    """With its activation, and with every parameter where the definition has it."""
    module = built(name, x, seed)
    parameters = {key: value.detach().numpy()[:, None, None] for key, value in module.named_parameters()}
    y = module(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(y, MORE[name](x, parameters), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", ["gbn:2", "brn", *MORE])
@pytest.mark.slow
def test_gradients_are_those_of_the_formula(name: str) -> None:
    """By finite differences in float64, for the input and every parameter."""
    torch.manual_seed(0)
    x = torch.randn(4, 4, 2, 3, dtype=torch.float64, requires_grad=True)
    module = built(name, x)
    names, values = zip(*module.named_parameters(), strict=True)

    def forward(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        fresh = {key: value.clone() for key, value in module.named_buffers()}
        return functional_call(module, {**dict(zip(names, parameters, strict=True)), **fresh}, x)

    assert gradcheck(forward, (x, *values))


@given(x=images())
@settings(max_examples=10)
def test_none_changes_nothing(x: Array) -> None:
    """The control arm passes its input on and has no parameters."""
    module = built("none", x)
    assert torch.equal(module(torch.from_numpy(x)), torch.from_numpy(x))
    assert not list(module.parameters())


@pytest.mark.parametrize("name", sorted(set(FORMULAS) - {*REMEMBERING, "none"} | set(MORE)))
def test_training_and_evaluation_are_the_same_function(name: str) -> None:
    """Batch norm and its kin remember; all others give the same in both modes and keep no buffers."""
    x = torch.randn(2, 8, 4, 4, dtype=torch.float64)
    module = built(name, x)
    assert torch.equal(module.train()(x), module.eval()(x))
    assert not list(module.buffers())


@pytest.mark.parametrize("name", LEARNED)
def test_one_eps_for_all(name: str) -> None:
    """Values of ±sqrt(1e-5), balanced over every axis, have variance 1e-5: only eps = 1e-5 makes them ±1/√2."""
    signs = np.where(np.indices((2, 8, 4, 4)).sum(axis=0) % 2, 1.0, -1.0)
    x = torch.from_numpy(signs * np.sqrt(1e-5))
    y = resolve(name)(slot_of(x)).double()(x).detach().numpy()
    np.testing.assert_allclose(y, signs / np.sqrt(2), rtol=1e-9)
    assert EPS == 1e-5


@pytest.mark.parametrize("name", LEARNED)
def test_every_norm_starts_as_plain_standardization(name: str) -> None:
    """γ = 1 and β = 0 at first, in every arm."""
    module = resolve(name)(Slot("norm", 8, (4, 4), groups=2))
    gamma, beta = module.parameters()
    assert (gamma == 1).all()
    assert (beta == 0).all()


@pytest.mark.parametrize("name", LEARNED)
def test_the_parameters_are_as_many_as_documented(name: str) -> None:
    """γ and β have one value per channel each; `ln-chw` alone has one per element."""
    module = resolve(name)(Slot("norm", 8, (4, 6), groups=2))
    each = 8 * 4 * 6 if name == "ln-chw" else 8
    assert [(key, p.numel()) for key, p in module.named_parameters()] == [("weight", each), ("bias", each)]


@pytest.mark.parametrize(("name", "more"), [("frn", 8), ("dyt", 1), ("evonorm-s0", 8)])
def test_who_learns_more_is_counted(name: str, more: int) -> None:
    """τ and v have one value per channel, α is one for the layer; γ and β are as in the others."""
    module = resolve(name)(Slot("norm", 8, (4, 6), groups=2))
    sizes = {key: p.numel() for key, p in module.named_parameters()}
    assert (sizes.pop("weight"), sizes.pop("bias"), *sizes.values()) == (8, 8, more)
    assert (module.weight == 1).all()
    assert (module.bias == 0).all()


@pytest.mark.parametrize("name", sorted([*FORMULAS, *MORE]))
@pytest.mark.parametrize("shape", [(3, 8, 5, 4), (1, 8, 2, 2)])
def test_memory_layout_does_not_matter(name: str, shape: tuple[int, ...]) -> None:
    """A channels_last tensor gives the same values and the same gradients."""
    torch.manual_seed(0)
    x, upstream = torch.randn(shape), torch.randn(shape)
    results = []
    for layout in (torch.contiguous_format, torch.channels_last):
        module = built(name, x).float()
        leaf = x.clone(memory_format=layout).requires_grad_()
        y = module(leaf)
        y.backward(upstream)
        results.append([y.detach(), leaf.grad, *(p.grad for p in module.parameters())])
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)


WORKED = torch.tensor(
    [
        [[[4, 4], [3, 5]], [[-2, 2], [4, 6]], [[1, 1], [-1, 2]]],
        [[[2, 4], [1, 3]], [[1, 1], [4, 5]], [[0, 1], [-1, 0]]],
    ],
    dtype=torch.float64,
)
"""The figure of the course: 2 images × 3 channels × 2×2."""


@pytest.mark.parametrize(
    ("name", "shape", "means", "variances"),
    [
        ("bn", (1, 3), [3.25, 2.625, 0.375], [1.4375, 5.984375, 0.984375]),
        ("ln", (2, 1), [2.416667, 1.75], [5.243056, 3.1875]),
        ("gn:3", (2, 3), [4, 2.5, 0.75, 2.5, 2.75, 0], [0.5, 8.75, 1.1875, 1.25, 3.1875, 0.5]),
        ("in", (2, 3), [4, 2.5, 0.75, 2.5, 2.75, 0], [0.5, 8.75, 1.1875, 1.25, 3.1875, 0.5]),
    ],
)
def test_the_worked_example_of_the_course(
    name: str, shape: tuple[int, int], means: list[float], variances: list[float]
) -> None:
    """With the figure's means and variances taken back, what each norm gives is the figure's images."""
    y = resolve(name)(slot_of(WORKED)).double()(WORKED)
    mean, variance = (torch.tensor(values, dtype=torch.float64).view(*shape, 1, 1) for values in (means, variances))
    torch.testing.assert_close(y * (variance + 1e-5).sqrt() + mean, WORKED, rtol=0, atol=2e-6)
