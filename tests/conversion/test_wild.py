"""What a converter meets in other people's networks: each is converted, kept or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from normlab.conversion import convert
from normlab.errors import NetworkError
from normlab.models.parts import parts

IMAGES = torch.randn(4, 8, 6, 5, generator=torch.Generator().manual_seed(0))
TOKENS = torch.randn(4, 7, 16, generator=torch.Generator().manual_seed(0))


class BatchNormAct(nn.BatchNorm2d):
    """A batch norm with its activation inside, as some libraries have it."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.drop, self.act = nn.Identity(), nn.SiLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return self.act(self.drop(super().forward(x)))


class NothingAdded(nn.BatchNorm2d):
    """A subclass that computes what batch norm does."""


class FixedEps(nn.BatchNorm2d):
    """A subclass that computes something else: it never takes the batch's statistics."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, training=False)


class LayerNorm2d(nn.LayerNorm):
    """Over the channels at each position of (N, C, H, W)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class OnePlusRMS(nn.Module):
    """RMS norm whose parameter is 1 less than γ."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.eps, self.weight = 1e-6, nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * (1 + self.weight)


class Odd(nn.Module):
    """A layer norm of channels-first images that is called nothing of the kind."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.g, self.b = nn.Parameter(torch.ones(1, channels, 1, 1)), nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        x = (x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, keepdim=True, unbiased=False) + 1e-5)
        return self.g * x + self.b


class FilterResponse(nn.Module):
    """A norm and its activation as one function."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias, self.tau = (nn.Parameter(torch.zeros(channels)) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        x = x * torch.rsqrt(x.square().mean((2, 3), keepdim=True) + 1e-6)
        along = (1, -1, 1, 1)
        return torch.maximum(x * self.weight.view(along) + self.bias.view(along), self.tau.view(along))


class Frozen(nn.Module):
    """Batch norm as a constant, as detection has it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        for name, value in {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}.items():
            self.register_buffer(name, torch.full((channels,), value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        scale = self.weight * (self.running_var + 1e-5).rsqrt()
        return x * scale.view(1, -1, 1, 1) + (self.bias - self.running_mean * scale).view(1, -1, 1, 1)


class StandardizedConv(nn.Conv2d):
    """Weight standardization by a function inside of a convolution."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        weight = F.batch_norm(self.weight.reshape(1, self.out_channels, -1), None, None, training=True)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, padding=self.padding)


class Called(nn.Module):
    """Norms as functions, behind code that torch.fx cannot trace."""

    def __init__(self, *, traced: bool) -> None:
        super().__init__()
        self.conv, self.traced = nn.Conv2d(8, 8, 3), traced

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        x = self.conv(x)
        if not self.traced and x.mean() > 1e9:
            return x
        return F.group_norm(torch.layer_norm(x, x.shape[1:]) if self.traced else F.layer_norm(x, x.shape[1:]), 2)


class Attention(nn.Module):
    """Norms of queries and keys over the features of a head."""

    def __init__(self) -> None:
        super().__init__()
        self.q_norm, self.k_norm, self.qkv = nn.LayerNorm(4), nn.RMSNorm(4), nn.Linear(16, 48)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        q, k, v = self.qkv(x).unflatten(-1, (3, 4, 4)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(self.q_norm(q), self.k_norm(k), v)
        return y.transpose(1, 2).flatten(2)


def perturbed(module: nn.Module) -> nn.Module:
    """With γ and β that are not those of a new norm."""
    torch.manual_seed(1)
    for value in module.parameters():
        nn.init.uniform_(value, 0.5, 1.5)
    return module


@pytest.mark.parametrize(
    ("norm", "kind"),
    [
        (BatchNormAct(8), "bn"),
        (NothingAdded(8), "bn"),
        (LayerNorm2d(8), "ln-c"),
        (Odd(8), "ln-c"),
        (nn.SyncBatchNorm(8), "bn"),
        (nn.BatchNorm2d(8, track_running_stats=False), "bn"),
        (nn.InstanceNorm2d(8, affine=True), "in"),
        (nn.GroupNorm(8, 8), "in"),
        (nn.LayerNorm([8, 6, 5]), "ln-chw"),
    ],
)
def test_a_norm_of_any_class_is_known_by_what_it_computes(norm: nn.Module, kind: str) -> None:
    """It is converted, γ and β go over, and what stands behind the norm in its module still does."""
    model = nn.Sequential(nn.Identity(), perturbed(norm))
    if isinstance(norm, nn.SyncBatchNorm):  # which runs on a GPU alone
        made, report = convert(model, "gn:4")
    else:
        made, report = convert(model, "gn:4", example=IMAGES)
    assert [(row.old, row.new) for row in report] == [(kind, "gn:4")]
    if kind != "ln-chw":
        gain, shift = (value.detach().flatten() for value in norm.parameters())
        wanted = F.group_norm(IMAGES, 4, gain, shift, report_eps(made))
        wanted = F.silu(wanted) if isinstance(norm, BatchNormAct) else wanted
        assert torch.allclose(made(IMAGES), wanted, atol=1e-5)


def report_eps(made: nn.Module) -> float:
    return next(float(m.eps) for m in made.modules() if isinstance(m, nn.GroupNorm))


@pytest.mark.parametrize("norm", [nn.LayerNorm(16), nn.RMSNorm(16), OnePlusRMS(16), nn.LayerNorm(16, bias=False)])
def test_norms_of_tokens_become_those_that_make_sense_there(norm: nn.Module) -> None:
    """Layer and RMS norm take each other's place over features, with γ's value; group norm leaves them and says why."""
    model = nn.Sequential(nn.Identity(), perturbed(norm))
    for to in ("ln", "rms"):
        made, _ = convert(model, to, example=TOKENS)
        gain = norm.weight.detach() + (1 if isinstance(norm, OnePlusRMS) else 0)
        bias = getattr(norm, "bias", None)
        got, eps = made(TOKENS), made[1].eps or torch.finfo(torch.float32).eps
        plain = F.layer_norm(TOKENS, (16,), None, None, eps) if to == "ln" else F.rms_norm(TOKENS, (16,), None, eps)
        assert torch.allclose(got, plain * gain + (0 if bias is None else bias), atol=1e-5)
    _, report = convert(model, "gn:4", example=TOKENS)
    assert len(report) == 0
    assert "as of tokens" in report.untouched[0].reason


def test_norms_of_queries_and_keys_are_norms_of_features() -> None:
    """Four dimensions do not make an image of them."""
    made, report = convert(Attention(), "rms", example=TOKENS)
    assert [(row.path, row.old, row.new) for row in report] == [("q_norm", "ln", "rms")]
    assert [kept.path for kept in report.untouched] == ["k_norm"]
    assert torch.isfinite(made(TOKENS)).all()


@pytest.mark.parametrize(
    ("norm", "why"),
    [
        (FilterResponse(8), "computes none of the norms"),
        (FixedEps(8), "computes none of the norms"),
        (Frozen(8), "frozen"),
        (nn.LocalResponseNorm(3), "local response norm"),
        (parametrizations.weight_norm(nn.BatchNorm2d(8), dim=None), "parametrized"),
    ],
)
def test_what_cannot_be_replaced_is_kept_with_its_reason(norm: nn.Module, why: str) -> None:
    """The network has it still, and the report says why."""
    made, report = convert(nn.Sequential(nn.Conv2d(8, 8, 1), norm), "gn:4", example=IMAGES)
    assert type(made[1]) is type(norm)
    assert len(report) == 0
    assert [kept.path for kept in report.untouched] == ["1"]
    assert why in report.untouched[0].reason


@pytest.mark.parametrize("traced", [True, False])
def test_norms_called_as_functions_are_told(traced: bool) -> None:
    """With an example they are found whatever the code; without one as far as torch.fx can read it, or that is told."""
    model = nn.Sequential(Called(traced=traced))
    _, report = convert(model, "gn:4", example=IMAGES)
    assert {(kept.path, kept.old) for kept in report.untouched} == {("0", "F.layer_norm"), ("0", "F.group_norm")}
    _, blind = convert(model, "gn:4")
    told = {kept.old for kept in blind.untouched}
    assert told == ({"F.layer_norm", "F.group_norm"} if traced else {"?"})


def test_weight_standardization_is_told() -> None:
    """A part of a norm that sits in a convolution stays, and the report says where."""
    model = nn.Sequential(StandardizedConv(8, 8, 3, padding=1), nn.GroupNorm(2, 8))
    _, report = convert(model, "bn", example=IMAGES)
    assert [row.path for row in report] == ["1"]
    assert "StandardizedConv standardizes its own weights" in report.untouched[0].reason


class Block(nn.Module):
    """A container whose name says norm, with a norm inside."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return self.bn(self.conv(x))


class ConvNormAct(Block):
    """Called after what is in it."""


class BnAct(nn.Module):
    """A container of a library's own norm."""

    def __init__(self) -> None:
        super().__init__()
        self.bn = BatchNormAct(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return self.bn(x)


class Normalize(nn.Module):
    """Scales pixels by constants: called so, and no norm."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((8,), 0.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return x - self.mean.view(1, -1, 1, 1)


def test_what_scales_pixels_is_no_norm() -> None:
    """With an example to see it by."""
    _, report = convert(nn.Sequential(Normalize(), nn.BatchNorm2d(8)), "gn:4", example=IMAGES)
    assert [row.path for row in report] == ["1"]
    assert report.untouched == ()


def test_a_norm_with_its_activation_can_be_read_by_fx_after_it_was_exchanged() -> None:
    """So a second conversion needs no example."""
    made, _ = convert(nn.Sequential(nn.Conv2d(8, 8, 1), BatchNormAct(8)), "gn:4", example=IMAGES)
    _, report = convert(made, "ln")
    assert [(row.path, row.new) for row in report] == [("1.norm", "ln")]
    assert report.untouched == ()


def test_norms_of_features_have_a_scale_like_others() -> None:
    """So that penalties on γ find it in each arm."""
    for to in ("rms", "dyt", "ln"):
        made, _ = convert(nn.Sequential(nn.LayerNorm(16)), to, example=TOKENS)
        assert [part.name for part in parts(made) if part.is_scale] == ["0.weight"]


@pytest.mark.parametrize("block", [ConvNormAct(), BnAct()])
def test_a_block_that_is_called_after_its_norm_is_looked_into(block: nn.Module) -> None:
    """Only the norm in it is replaced."""
    _, report = convert(nn.Sequential(block), "gn:4", example=IMAGES)
    assert [row.path for row in report] == ["0.bn"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (torch.jit.script, "is scripted"),
        (torch.compile, "is compiled"),
        (lambda _: nn.Sequential(nn.Conv2d(8, 8, 1), nn.LazyBatchNorm2d()), "has no shape yet"),
        (lambda _: nn.Sequential(torch.ao.nn.quantized.BatchNorm2d(8)), "is quantized"),
        (lambda _: lambda x: x, "expected a torch.nn.Module"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow  # a second or more
def test_what_cannot_be_converted_is_refused_with_the_way_out(spoil: Callable[..., nn.Module], why: str) -> None:
    """One line says what came and what to convert instead."""
    with pytest.raises(NetworkError, match=why):
        convert(spoil(nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8))), "gn:4")


def test_an_example_that_does_not_fit_is_refused_in_one_line() -> None:
    """With what the network said of it."""
    with pytest.raises(NetworkError, match="does not take the example: RuntimeError"):
        convert(nn.Sequential(nn.Conv2d(3, 8, 1)), "gn:4", example=IMAGES)
