from __future__ import annotations

import re

import pytest
import torch
from torch import nn

from normlab.errors import GroupsError, UnknownName
from normlab.models import build, known
from normlab.norms import names
from normlab.norms import registry as norms
from normlab.records import Job
from normlab.spec import Recipe, fields

NORMS = ["bn", "ln", "gn", "gn:2", "in", "ln-chw", "ln-c", "rms", "none", "noisy"]
NORMS += ["gbn:4", "brn", "frn", "dyt", "evonorm-s0", "ws+gn:2"]


class Noisy(nn.Module):
    """A norm of a user's that draws random numbers while it is made, more of them with every layer."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, 7, 7))
        self.inner = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Mix the channels."""
        return self.inner(x)


@pytest.fixture(autouse=True)
def noisy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the registry a norm that draws."""
    monkeypatch.setattr(names, "PLAIN", (*names.PLAIN, "noisy"))
    monkeypatch.setitem(norms.LAYERS, "noisy", norms.resolve(Noisy))


def job(norm: str, seed: int = 0, *, model: str = "course", root: int = 0, dropout: float = 0.05) -> Job:
    recipe = Recipe.model_validate({"preset": "course", "model": model, "dropout": dropout})
    return Job(recipe.model_copy(update={"norm": norm}), seed, root)


def values(one: Job) -> dict[str, torch.Tensor]:
    return dict(build(one).named_parameters())


REFUSED = {("mlp", "in"), *(("vit", norm) for norm in NORMS if norm not in ("ln", "rms", "none"))}
FITTING = [(model, norm) for model in known() for norm in NORMS if (model, norm) not in REFUSED]


@pytest.mark.parametrize(("model", "norm"), FITTING)
def test_the_same_seed_gives_the_same_shared_values(model: str, norm: str) -> None:
    """Every parameter outside the norms starts from the same bits in every arm, even beside a norm that draws."""
    shared, other = values(job("none", 5, model=model)), values(job(norm, 5, model=model))
    assert shared.keys() <= other.keys()
    assert len(shared) >= 5
    assert norm == "none" or len(other) > len(shared)
    assert all(torch.equal(shared[name], other[name]) for name in shared)


@pytest.mark.parametrize("norm", NORMS)
def test_building_again_gives_the_same_bits(norm: str) -> None:
    """A job's initial weights are a function of the job, those of a norm that draws too."""
    first, second = values(job(norm, 3)), values(job(norm, 3))
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("norm", NORMS)
def test_building_leaves_the_global_random_numbers_alone(norm: str) -> None:
    """Whoever draws from torch after building a model draws what he would have drawn without."""
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    build(job(norm))
    assert torch.equal(torch.rand(3), expected)


def test_the_global_random_numbers_do_not_reach_the_model() -> None:
    """Nor does it matter what was drawn before."""
    first = values(job("bn"))
    torch.rand(100)
    assert all(torch.equal(value, first[name]) for name, value in values(job("bn")).items())


@pytest.mark.parametrize("other", [job("bn", seed=1), job("bn", root=1)])
def test_another_seed_or_root_gives_other_values(other: Job) -> None:
    """Every kernel differs between replicates, and between roots of studies."""
    first = values(job("bn"))
    kernels = [name for name, value in first.items() if value.dim() == 4]
    assert not any(torch.equal(first[name], values(other)[name]) for name in kernels)


def test_norms_start_from_their_own_values() -> None:
    """The donor of shared values leaves γ = 1, β = 0 and the running statistics as they are."""
    model = build(job("bn"))
    for i in range(1, 6):
        layer = model.get_submodule(f"norm{i}")
        assert [float(value.float().mean()) for value in layer.state_dict().values()] == [1, 0, 0, 1, 0]


def test_the_recipe_says_the_dropout() -> None:
    """A model is built with the recipe's share of dropped values."""
    model = build(job("bn", dropout=0.25))
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.25}


def test_an_unknown_model_names_those_there_are() -> None:
    """A misspelt model is an error with the nearest name."""
    with pytest.raises(UnknownName, match=r"unknown model 'corse': did you mean course.*models are course, lean"):
        build(job("bn", model="corse"))


def test_an_unknown_norm_names_those_there_are() -> None:
    """So is a misspelt norm, and groups that do not fit name the layer."""
    with pytest.raises(UnknownName, match="unknown norm 'bm'"):
        build(job("bm"))
    with pytest.raises(GroupsError, match="layer norm1"):
        build(job("gn:4"))


def test_help_names_every_model() -> None:
    """The recipe's own text, which is made without PyTorch, falls behind no model."""
    told = fields.known()["model"].setting.help
    assert all(re.search(rf"\b{name}\b", told) for name in known())
