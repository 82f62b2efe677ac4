from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.data import Dataset
from normlab.models import build
from normlab.models.course import course
from normlab.models.lean import lean
from normlab.models.scale import rescaling, scale_free
from normlab.norms import resolve
from normlab.records import Job
from normlab.spec import Recipe

NORMS = ["bn", "ln", "gn", "in", "ln-chw", "ln-c", "rms", "gbn:4", "brn"]
IMAGE = (1, 28, 28)


@pytest.fixture(scope="module")
def images(mnist: Dataset) -> torch.Tensor:
    """200 standardized digits."""
    return (torch.from_numpy(mnist.test_images[:200].copy()).float() / 255 - 0.13) / 0.31


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.slow
def test_all_but_the_classes_are_scale_free(norm: str) -> None:
    """Every kernel of our models has a norm behind it, maybe after pools and convolutions; the classifier has none."""
    for model in (course(resolve(norm)), lean(resolve(norm))):
        kernels = tuple(name for name, value in model.named_parameters() if value.dim() == 4)
        assert scale_free(model, IMAGE) == tuple(name for name in kernels if name != "classes.weight")


@pytest.mark.parametrize("make", [course, lean])
def test_without_norm_every_scale_matters(make: object) -> None:
    """No norm, nothing divided away."""
    assert scale_free(make(resolve("none")), IMAGE) == ()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("layers", "free"),
    [
        ([nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)], True),
        ([nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.BatchNorm2d(4)], True),
        ([nn.Conv2d(1, 4, 3), nn.GroupNorm(4, 4)], True),
        ([nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4)], True),
        ([nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4)], False),
        ([nn.Conv2d(1, 4, 3), nn.ReLU(), nn.BatchNorm2d(4)], False),
        ([nn.Conv2d(1, 4, 3, bias=False), nn.ReLU(), nn.BatchNorm2d(4)], True),
        ([nn.Conv2d(1, 4, 3, bias=False), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)], True),
        ([nn.Conv2d(1, 4, 3, bias=False), nn.Conv2d(4, 4, 1), nn.ReLU(), nn.BatchNorm2d(4)], False),
        ([nn.Conv2d(1, 4, 3, bias=False), nn.ReLU()], False),
    ],
)
def test_a_bias_ends_a_path_unless_its_channel_is_centred_next(layers: list[nn.Module], *, free: bool) -> None:
    """A shift stays a shift up to a norm of each channel, and is no shift any more behind a ReLU."""
    torch.manual_seed(0)
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            layer.reset_parameters()  # not what was drawn when the tests were collected: about one in 200 is too small
    model = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(3))
    x = torch.randn(8, 1, 6, 6)
    model(x)
    assert ("0.weight" in scale_free(model, (1, 6, 6))) is free
    before = model.train()(x)
    with torch.no_grad():
        model[0].weight.mul_(256)  # far from eps
        model(x)
        changed = bool((model(x) - before).abs().max() > 0.01)
    assert changed is not free


def test_a_branch_without_norm_makes_a_scale_matter() -> None:
    """A kernel that two paths leave is scale-free only if both reach a norm before they meet."""

    class Branches(nn.Module):
        def __init__(self, *, normed: bool) -> None:
            super().__init__()
            self.first, self.left = nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4)
            self.right = nn.BatchNorm2d(4) if normed else nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.first(x)
            return (self.left(x) + self.right(x)).mean((2, 3))

    assert scale_free(Branches(normed=True), (1, 6, 6)) == ("first.weight",)
    assert scale_free(Branches(normed=False), (1, 6, 6)) == ()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.slow
def test_halving_what_is_scale_free_changes_next_to_nothing(norm: str, images: torch.Tensor) -> None:
    """Only eps is left: probabilities move by less than a hundredth, and a class changes only at a tie."""
    torch.manual_seed(0)
    model = lean(resolve(norm), dropout=0.5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = rescaling(model, images)
    assert len(found.kernels) == 5
    assert 0 < found.change < 0.01
    assert found.flipped <= 0.01
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training


@pytest.mark.parametrize("norm", ["brn:1", "ws+gn:4"])
@pytest.mark.slow
def test_corrections_and_standardized_kernels_leave_nothing_of_a_scale(norm: str, images: torch.Tensor) -> None:
    """Also where batch renormalization goes by its running averages, which were learned at the old scale."""
    recipe = Recipe().model_copy(update={"norm": norm})
    model = build(Job(recipe, 0))
    for chunk in images.chunk(10):
        model(chunk)
    found = rescaling(model, images)
    assert len(found.kernels) == 5
    assert found.change < 0.01


def test_halving_the_classifier_would_change_the_function(images: torch.Tensor) -> None:
    """The kernels that are left out matter."""
    torch.manual_seed(0)
    model = lean(resolve("bn"))
    before = model(images).softmax(1)
    with torch.no_grad():
        model.get_submodule("classes").weight.mul_(0.5)  # type: ignore[operator, union-attr]
    assert (model(images).softmax(1) - before).abs().max() > 0.02


def test_without_norm_nothing_is_rescaled(images: torch.Tensor) -> None:
    """No kernel, no change."""
    found = rescaling(lean(resolve("none")), images)
    assert (found.kernels, found.change, found.flipped) == ((), 0, 0)
