from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from normlab.errors import NetworkError, SpecError, UnknownName
from normlab.explanation.layers import explain_network
from normlab.explanation.layers.passing import layers, passage
from normlab.explanation.layers.words import spelled
from normlab.explanation.numbers import number
from normlab.models.resnet8 import resnet8
from normlab.models.vit import vit
from normlab.norms import Slot, resolve


class Residual(nn.Module):
    """A norm inside a block inside a block, and an activation that works in place."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 6, 3, padding=1)
        self.body = nn.ModuleDict({"inner": nn.Sequential(norm, nn.ReLU(inplace=True), nn.Conv2d(6, 6, 1))})
        self.head = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of three classes."""
        x = self.conv(x)
        return self.head((x + self.body["inner"](x)).mean((2, 3)))


def trained(norm: nn.Module) -> nn.Module:
    """With running statistics and γ, β that are not those of the beginning."""
    torch.manual_seed(0)
    model = Residual(norm)
    with torch.no_grad():
        for parameter in norm.parameters():
            parameter.add_(torch.rand_like(parameter))
        for _ in range(3):
            model(torch.randn(4, 2, 5, 5) * 2 + 1)
    return model


NORMS = {
    "bn": nn.BatchNorm2d(6),
    "bn without memory": nn.BatchNorm2d(6, track_running_stats=False),
    "bn without γ": nn.BatchNorm2d(6, affine=False, eps=1e-2),
    "gn:3": nn.GroupNorm(3, 6, eps=1e-4),
    "ln": nn.GroupNorm(1, 6),
    "in": nn.GroupNorm(6, 6),
    "instance": nn.InstanceNorm2d(6),
    "instance with memory": nn.InstanceNorm2d(6, affine=True, track_running_stats=True),
    "ln-chw": nn.LayerNorm([6, 5, 5]),
    **{name: resolve(name)(Slot("norm", 6, (5, 5), 3)) for name in ("gbn:3", "brn:1", "frn", "dyt", "evonorm-s0")},
    "none": nn.Identity(),
}


@pytest.mark.parametrize("name", NORMS)
def test_any_networks_norm_is_explained(name: str) -> None:
    """Whatever its ε, γ and memory: its numbers were held against the network's own, else this would raise."""
    model = trained(NORMS[name])
    found = explain_network(model, "body.inner.0", torch.randn(2, 5, 5))
    (layer,) = found.layers
    assert layer.x.shape == layer.y.shape == (6, 5, 5)
    assert layer.worked.eps == getattr(NORMS[name], "eps", 1e-5)
    assert str(found)


@pytest.mark.slow
def test_networks_stand_side_by_side(tmp_path: Path) -> None:
    """By the names that they are given, on the page as well."""
    models = {name: trained(NORMS[name]) for name in ("bn", "gn:3")}
    found = explain_network(models, "body.inner.0", torch.rand(1, 2, 5, 5), classes=["a", "b", "c"])
    assert [layer.name for layer in found.layers] == ["bn", "gn:3"]
    assert {layer.predicted for layer in found.layers} <= {"a", "b", "c"}
    assert "gn:3, before the norm" in found.save(tmp_path / "layer.html").read_text(encoding="utf-8")


def test_the_network_is_left_as_it_was() -> None:
    """In training mode and float32, with the running statistics that it had, and without a hook."""
    model = trained(NORMS["bn"]).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    explain_network(model, "body.inner.0", torch.rand(2, 5, 5))
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.get_submodule("body.inner.0")._forward_hooks


def test_what_a_network_does_not_have_is_told() -> None:
    """The names of its norms, the shape of an image, and what kind of layer norm is understood."""
    model = trained(NORMS["bn"])
    with pytest.raises(UnknownName, match=r"layers are body\.inner\.0"):
        explain_network(model, "conv", torch.rand(2, 5, 5))
    with pytest.raises(SpecError, match=r"expected \(C, H, W\) or \(1, C, H, W\), got \(2, 2, 5, 5\)"):
        explain_network(model, "body.inner.0", torch.rand(2, 2, 5, 5))
    with pytest.raises(NetworkError, match=r"expected a layer norm over \(C, H, W\)"):
        explain_network(trained(nn.LayerNorm(5)), "body.inner.0", torch.rand(2, 5, 5))
    tokens = nn.Sequential(nn.Flatten(2), nn.LayerNorm([2, 25, 1]), nn.Flatten())
    tokens.insert(1, nn.Unflatten(2, (25, 1)))
    assert explain_network(tokens, "2", torch.rand(2, 5, 5)).layers[0].x.shape == (2, 25, 1)


def test_a_norm_that_the_network_does_not_reach_is_told() -> None:
    """Neither silence nor a traceback."""
    model = trained(NORMS["bn"])
    model.spare = nn.BatchNorm2d(6)
    with pytest.raises(NetworkError, match="it saw 0"):
        explain_network(model, "spare", torch.rand(2, 5, 5))


def test_pictures_of_any_range_are_shown() -> None:
    """A standardized image has values below 0; the first of two channels stands for both."""
    found = explain_network(trained(NORMS["bn"]), "body.inner.0", torch.linspace(-2, 3, 50).reshape(2, 5, 5))
    assert found.image.dtype == np.uint8
    assert (found.image.min(), found.image.max()) == (0, 255)


def test_batch_norm_is_shown_in_training_too() -> None:
    """The image first in a batch, every norm with the batch's statistics, and nothing dropped."""
    torch.manual_seed(1)
    norms = nn.BatchNorm2d(6), nn.BatchNorm2d(3)
    model = nn.Sequential(nn.Conv2d(2, 6, 3), norms[0], nn.Dropout(0.5), nn.Conv2d(6, 3, 1), norms[1], nn.Flatten())
    image, beside = torch.randn(2, 5, 5), torch.randn(7, 2, 5, 5)
    (layer,) = explain_network(model, "4", image, beside=beside).layers
    assert layer.training is not None
    for norm in norms:
        norm.train()
    wanted = nn.Sequential(model[0], norms[0], model[3], norms[1])(torch.cat([image[None], beside])).detach().numpy()
    assert layer.training.y == pytest.approx(wanted, abs=1e-5)
    assert "In training mode, beside 7 other images" in "\n".join(spelled(layer))


def test_other_norms_do_the_same_in_training() -> None:
    """So nothing is told of it."""
    model, beside = trained(NORMS["gn:3"]), torch.rand(3, 2, 5, 5)
    assert explain_network(model, "body.inner.0", torch.rand(2, 5, 5), beside=beside).layers[0].training is None


def test_a_norm_with_memory_is_spelled_out_by_it() -> None:
    """Also instance norm, where it keeps running statistics."""
    (layer,) = explain_network(trained(NORMS["instance with memory"]), "body.inner.0", torch.rand(2, 5, 5)).layers
    at = np.unravel_index(layer.x.argmax(), layer.x.shape)
    assert number(layer.y[at]) in spelled(layer)[0]
    assert f"√({number(layer.spread[at[0]])} + " in spelled(layer)[0]


def plain(norm: nn.Module, *rest: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 16), norm, *rest)


def test_batch_norm_of_single_positions_is_explained_in_eval_mode() -> None:
    """One value a channel has no variance of its own, and the running ones are enough; ε may be 0 too."""
    layer = explain_network(plain(nn.BatchNorm2d(8, eps=0)), "1", torch.rand(3, 16, 16)).layers[0]
    assert layer.y == pytest.approx(layer.x)
    assert str(explain_network(plain(nn.InstanceNorm2d(8, track_running_stats=True)), "1", torch.rand(3, 16, 16)))


class Answering(nn.Module):
    """Gives whatever is made of what leaves its norm."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.norm, self.answer = nn.BatchNorm2d(3), answer

    def forward(self, x: torch.Tensor) -> object:
        """The norm, and then the answer."""
        y = self.norm(x)
        return self.answer(y)  # type: ignore[operator]


@pytest.mark.parametrize(
    "answer",
    [lambda y: (y, y), lambda y: {"y": y}, lambda _: None, lambda y: y.sum(), lambda y: y, lambda y: y.mean((1, 2, 3))],
    ids=["tuple", "dict", "none", "scalar", "map", "one score"],
)
def test_a_network_without_scores_of_classes_says_no_class(answer: object) -> None:
    """Segmentation, features, one logit: the norm is explained all the same."""
    found = explain_network(Answering(answer), "norm", torch.rand(3, 4, 4))
    assert found.layers[0].predicted is None
    assert "no class" in str(found)


@pytest.mark.slow
def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    """Brackets in a network's name are no markup."""
    name = "[red]a[/blue]"
    found = explain_network({name: trained(NORMS["bn"])}, "body.inner.0", torch.rand(2, 5, 5))
    assert str(found).count(name) == 3
    assert name in found.save(tmp_path / "layer.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("models", "image", "more", "error", "words"),
    [
        ({}, torch.rand(2, 5, 5), {}, SpecError, "models: expected"),
        ([1], torch.rand(2, 5, 5), {}, SpecError, "models: expected"),
        (None, torch.rand(3, 5, 5), {}, NetworkError, "cannot be run on"),
        (
            None,
            torch.rand(2, 5, 5),
            {"beside": torch.rand(2, 2, 4, 4)},
            SpecError,
            r"beside: expected images \(N, 2, 5, 5\)",
        ),
        (None, torch.rand(2, 5, 5), {"classes": ["a"]}, SpecError, "the network has 3 scores, got 1 names"),
        (None, torch.full((2, 5, 5), torch.nan), {}, NetworkError, "is not finite"),
        (
            nn.Sequential(nn.Conv2d(2, 2, 1)),
            torch.rand(2, 5, 5),
            {},
            NetworkError,
            "no norm that is understood: BatchNorm2d",
        ),
    ],
    ids=["none", "list", "channels", "beside", "classes", "nan", "no norm"],
)
def test_what_cannot_be_run_is_told_in_a_line(
    models: object, image: torch.Tensor, more: dict[str, object], error: type[Exception], words: str
) -> None:
    """What was expected, what came, the way out."""
    given = trained(NORMS["bn"]) if models is None else models
    with pytest.raises(error, match=words) as caught:
        explain_network(given, "body.inner.0", image, **more)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_norm_of_tokens_is_told() -> None:
    """It sees vectors, many of each image, and the page shows planes."""
    model = vit(resolve("ln"))
    with pytest.raises(NetworkError, match=r"blocks\.block1\.norm1 sees tokens"):
        passage(model, "blocks.block1.norm1", torch.zeros(2, 1, 28, 28))


def test_a_shortcut_that_is_nothing_is_no_norm() -> None:
    """Of a residual network only its norms are named."""
    assert all("norm" in name for name in layers(resnet8(resolve("none"))))
