"""Networks with dead channels, as a penalty leaves them, and random small ones of every kind that is understood."""

from __future__ import annotations

import torch
from hypothesis import strategies as st
from torch import nn

from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

KERNELS = (nn.Conv2d, nn.Linear)


@torch.no_grad()
def deadened(model: nn.Module, seed: int, share: float = 0.5, last: str = "classes") -> nn.Module:
    """The model with random statistics, γ (some negative, some zero) and β, and about `share` of its channels dead.

    A channel dies of a kernel of zeros, of being read by nobody, or of γ = 0.
    """
    torch.manual_seed(seed)
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, KERNELS):
            module.weight.normal_(std=module.weight[0].numel() ** -0.5)
            if module.weight.shape[1] > 2:  # not the image itself
                module.weight[:, torch.rand(module.weight.shape[1]) < share / 4] = 0
            if name != last:
                module.weight[torch.rand(len(module.weight)) < share / 2] = 0
        elif isinstance(getattr(module, "weight", None), nn.Parameter):
            module.weight.normal_()
            module.weight[torch.rand(module.weight.shape[0]) < share / 4] = 0
            module.bias.normal_()
    return model.eval()


def norm(kind: str, channels: int) -> nn.Module:
    """A norm of `channels`, by a short name."""
    groups = max(g for g in (1, 2, 3) if channels % g == 0)
    return {
        "bn": lambda: nn.BatchNorm2d(channels),
        "bn-": lambda: nn.BatchNorm2d(channels, affine=False),
        "ln": lambda: nn.GroupNorm(1, channels),
        "gn": lambda: nn.GroupNorm(groups, channels),
        "gn-": lambda: nn.GroupNorm(groups, channels, affine=False),
        "in": lambda: nn.GroupNorm(channels, channels),
        "rms": lambda: RMSNormImage(channels),
        "ln-c": lambda: LayerNormChannels(channels),
        "none": nn.Identity,
    }[kind]()


NORMS = ["bn", "bn-", "ln", "gn", "gn-", "in", "rms", "ln-c", "none"]


class Residual(nn.Module):
    """x + f(x), f a sequence that keeps the shape, written with a function."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The sum, behind a ReLU."""
        return torch.relu(x + self.inner(x))


@st.composite
def block(draw: st.DrawFn, inputs: int, outputs: int, *, same: bool = False) -> list[nn.Module]:
    """A convolution of any kind, ReLU, a norm before or after it, dropout."""
    size = draw(st.sampled_from([1, 3]))
    padding = size // 2 if same else draw(st.sampled_from([0, size // 2]))
    stride = 1 if same else draw(st.sampled_from([1, 1, 2]))
    convolution = nn.Conv2d(inputs, outputs, size, stride, padding, bias=draw(st.booleans()))
    behind = [nn.ReLU(inplace=draw(st.booleans())), norm(draw(st.sampled_from(NORMS)), outputs)]
    return [convolution, *(behind if draw(st.booleans()) else behind[::-1]), nn.Dropout(0.2)]


@st.composite
def networks(draw: st.DrawFn) -> nn.Module:
    """A small network for images (2, 15, 15), sequential or with a residual block, with one of three heads."""
    wide, wider = draw(st.sampled_from([2, 4, 6])), draw(st.sampled_from([3, 4]))
    layers = draw(block(2, wide))
    if draw(st.booleans()):
        layers.append(Residual(nn.Sequential(*draw(block(wide, wide, same=True)))))
    pools = [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AvgPool2d(3, stride=1, padding=1), nn.MaxPool2d(2, padding=1)]
    layers += draw(st.sampled_from([[], *([pool] for pool in pools)]))
    layers += draw(block(wide, wider))
    head = draw(st.sampled_from(["flat", "mean", "hidden"]))
    layers += [nn.AdaptiveAvgPool2d(1 if head == "mean" else 2), nn.Flatten()]
    features = wider * (1 if head == "mean" else 4)
    hidden = [nn.Linear(features, 5), nn.ReLU()] if head == "hidden" else []
    layers += [*hidden, nn.Linear(5 if hidden else features, 3)]
    return nn.Sequential(*layers)
