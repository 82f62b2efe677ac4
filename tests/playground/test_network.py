"""Programs in a real Chromium beside the PyTorch networks that they were made of."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from makers import maker
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from normlab.data import levels as data_levels
from normlab.errors import NetworkError
from normlab.models.graph import plain
from normlab.models.registry import build
from normlab.norms.names import PLAIN
from normlab.playground import levels, program
from normlab.playground.packing import packed
from normlab.playground.rounding import round_kernels, rounded
from normlab.spec import design

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CLOSE, MEAN, STD = 1e-4, 0.13, 0.31
IMAGES = 4
NORMS = (*PLAIN, "gn:2", "gn:cpg=2", "gbn:4", "brn:5", "evonorm-s0:2", "ws+gn:2", "ws+bn")
SCRIPTS = "".join(
    (resources.files("normlab.playground") / name).read_text("utf-8") for name in ("network.js", "weights.js")
)
COMPUTED = f"""{SCRIPTS}
const [text, steps, images, done] = arguments;
unpack(text).then((weights) => done(images.map((pixels) => [...compute(steps, weights, pixels).at(-1)])), done);
"""
Pixels = NDArray[np.uint8]


def network(model: str, norm: str, shape: tuple[int, int, int] = (1, 28, 28)) -> nn.Module:
    """A network in eval mode whose norms have seen something, so that none is an identity by chance."""
    study = design(norms=[norm], l1=[0.0], seeds=[0], set={"model": model})
    job = maker(study, "eager", "5f" * 32).job(study.arms[0], 0)
    made, rng = build(replace(job, shape=shape)), torch.Generator().manual_seed(0)
    for name, value in made.named_parameters():
        if value.ndim == 1:
            spread = torch.rand(value.shape, generator=rng)
            value.data = spread - 0.5 if name.endswith(("bias", "threshold")) else spread + 0.5
    with torch.no_grad():
        for _ in range(30):  # running statistics of what passes
            made.train()((torch.from_numpy(images(shape)).float() / 255 - MEAN) / STD)
    return plain(made.eval())


def images(shape: tuple[int, int, int] = (1, 28, 28)) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (IMAGES, *shape), np.uint8)


def logits(browser: Chrome, made: program.Program, pixels: Pixels) -> NDArray[np.float64]:
    """What the browser computes of images, (images, classes)."""
    found: Any = browser.execute_async_script(
        COMPUTED, packed(made.weights), made.steps, pixels.reshape(len(pixels), -1).tolist()
    )
    assert isinstance(found, list), found
    return np.array(found, np.float64)


def torched(model: nn.Module, pixels: Pixels) -> NDArray[np.float32]:
    with torch.inference_mode():
        found: NDArray[np.float32] = model((torch.from_numpy(pixels).float() / 255 - MEAN) / STD).numpy()
    return found


def standardized(model: nn.Module, shape: tuple[int, int, int] = (1, 28, 28)) -> program.Program:
    return program.program(model, shape, levels.steps("standardize", (MEAN,) * shape[0], (STD,) * shape[0]))


def gap(browser: Chrome, model: nn.Module, pixels: Pixels) -> float:
    """The largest difference of a logit."""
    ours = logits(browser, standardized(model, pixels.shape[1:]), pixels)
    return float(np.abs(ours - torched(model, pixels)).max())


@pytest.mark.browser
@pytest.mark.parametrize(
    ("model", "norm"), [*(("lean", norm) for norm in NORMS), *(("course", norm) for norm in ("bn", "ln", "gn", "none"))]
)
def test_logits_are_those_of_pytorch_whatever_the_norm(browser: Chrome, model: str, norm: str) -> None:
    """In our networks, to 1e-4."""
    assert gap(browser, network(model, norm), images()) < CLOSE


@pytest.mark.browser
@pytest.mark.parametrize("model", ["resnet8", "lenet5", "mlp", "s8"])
@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
def test_other_networks_have_logits_like_pytorch_too(browser: Chrome, model: str, norm: str) -> None:
    """Shortcuts, strides, dilation, channels by themselves, linear layers, and a mean over positions."""
    assert gap(browser, network(model, norm), images()) < CLOSE


@pytest.mark.browser
def test_images_in_colours_have_logits_like_pytorch_too(browser: Chrome) -> None:
    """And others than square ones."""
    shape = (3, 32, 24)
    assert gap(browser, network("lean", "ln-chw", shape), images(shape)) < CLOSE


class Own(nn.Module):
    """What a student's network may have: padding by name, functions, a sum, and log-softmax at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(1, 6, 4, padding="same")
        self.norm = nn.InstanceNorm2d(6)
        self.two = nn.Conv2d(6, 6, 3, padding="valid", groups=2)
        self.pool = nn.AvgPool2d(3, 2, ceil_mode=True)
        self.end = nn.Linear(6, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Half of it is functions."""
        x = F.relu(self.norm(self.one(x)))
        x = x + F.max_pool2d(x, 3, 1, 1)
        x = F.dropout(self.pool(self.two(x)), training=self.training)
        return F.log_softmax(self.end(x.mean((2, 3))), dim=1)


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:Using padding")
def test_a_network_of_ones_own_is_computed_too(browser: Chrome) -> None:
    """Padding that has names, instance norm without γ, windows that stand over the edge, functions."""
    torch.manual_seed(0)
    assert gap(browser, Own().eval(), images()) < CLOSE


@pytest.mark.browser
def test_stretched_levels_are_those_that_training_saw(browser: Chrome) -> None:
    """Preprocess = "stretch" is done to the pixels, each image by itself."""
    pixels = (images() // 3 + 40).astype(np.uint8)
    first = program.program(nn.Sequential(nn.Flatten()), (1, 28, 28), levels.steps("stretch", (0.0,), (1.0,)))
    np.testing.assert_allclose(
        255 * logits(browser, first, pixels), data_levels.stretch(pixels).reshape(IMAGES, -1), atol=1e-3
    )


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), "0 (Conv2d) does not pad with zeros"),
        (nn.BatchNorm2d(1, track_running_stats=False), "0 (BatchNorm2d) keeps no running statistics"),
        (nn.AdaptiveAvgPool2d(5), "0 (AdaptiveAvgPool2d) has windows of several sizes"),
        (nn.AvgPool2d(3, padding=1), "0 (AvgPool2d) divides by something else"),
        (nn.LayerNorm(28), "0 (LayerNorm) is not over the whole of an image"),
        (nn.GELU(), "0 (GELU) is not understood"),
        (nn.Flatten(2), "0 (Flatten) flattens a part"),
    ],
)
def test_a_layer_that_the_browser_cannot_do_is_named(layer: nn.Module, why: str) -> None:
    """One sentence says which and why."""
    with pytest.raises(NetworkError) as raised:
        standardized(nn.Sequential(layer).eval())
    assert str(raised.value).startswith(why)
    assert "\n" not in str(raised.value)


def test_what_hooks_compute_is_not_guessed() -> None:
    """A layer with a hook is refused by its name."""
    layer = nn.ReLU()
    layer.register_forward_hook(lambda _module, _given, result: result + 1)
    with pytest.raises(NetworkError, match="0 \\(ReLU\\) has hooks"):
        standardized(nn.Sequential(layer))


def test_a_preparation_that_the_browser_cannot_do_is_named() -> None:
    """CLAHE is scikit-image's."""
    with pytest.raises(NetworkError, match="clahe"):
        levels.steps("clahe", (0.0,), (1.0,))


def test_rounding_moves_no_logit_that_anybody_sees() -> None:
    """Kernels lose bits, vectors keep theirs, and the text is shorter by a tenth at least."""
    model, pixels = network("lean", "bn"), torch.from_numpy(images()).float() / 255
    wanted, whole = model(pixels), packed(standardized(model).weights)
    gamma = model.get_parameter("norm1.weight").clone()
    bits = round_kernels(model, pixels)
    assert bits >= 4
    assert (model(pixels) - wanted).abs().max() < CLOSE / 2
    kernel = model.get_parameter("conv1.weight")
    assert torch.equal(rounded(kernel, bits), kernel)
    assert torch.equal(model.get_parameter("norm1.weight"), gamma)
    assert len(packed(standardized(model).weights)) < 0.9 * len(whole)


def test_a_network_that_cannot_be_rounded_stays_as_it_is() -> None:
    """Where a logit would move, not a bit is lost."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    model[1].weight.data *= 1e6
    before = model[1].weight.clone()
    assert round_kernels(model, torch.rand(IMAGES, 1, 28, 28)) == 0
    assert torch.equal(model[1].weight, before)


def test_zeros_take_no_room() -> None:
    """A network of which a penalty has left a tenth is a tenth as long."""
    weights = np.random.default_rng(0).normal(size=10_000).astype(np.float32)
    sparse = np.where(np.random.default_rng(1).random(10_000) < 0.1, weights, 0).astype(np.float32)
    assert len(packed(sparse)) < 0.3 * len(packed(weights))
