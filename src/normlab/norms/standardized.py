"""Weight standardization: the kernel of each output channel standardized before it is used.

    Ŵ_o = (W_o − mean(W_o)) / sqrt(var(W_o) + eps),   mean and biased variance over (inputs, height, width) of channel o

W is what is learned, under its plain name `weight`, so an arm shares its initial values with the others; weight decay
and penalties act on it. A zero of W is not a zero of Ŵ, and the scale of W is divided away.

It belongs to a convolution that feeds a norm: `ws+` before a norm's name (`ws+gn:4`) fills the slots with that norm and
standardizes the last convolution before each, in the order of the model's modules. What feeds no norm, such as the
classes, keeps its plain kernel. eps is that of every norm here, under the root as in them.

Source: S. Qiao et al., Micro-Batch Training with Batch-Channel Normalization and Weight Standardization, arXiv
1903.10520.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any, TypeVar

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.norms.kinds import is_norm
from normlab.norms.slot import EPS

Conv = TypeVar("Conv", bound=nn.Conv2d)

SETTINGS = (
    *("in_channels", "out_channels", "kernel_size", "stride", "padding"),
    *("dilation", "groups", "padding_mode"),
)
"""What a convolution is made with, beside its bias."""


class StandardizedConv2d(nn.Conv2d):
    """A convolution by Ŵ; `weight` is W, (outputs, inputs, height, width)."""

    eps = EPS

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) to (N, outputs, H', W')."""
        y: torch.Tensor = self._conv_forward(x, self.kernel(), self.bias)
        return y

    def kernel(self) -> torch.Tensor:
        """Ŵ, of the shape of `weight`."""
        variance, mean = torch.var_mean(self.weight, dim=(1, 2, 3), correction=0, keepdim=True)
        kernel: torch.Tensor = (self.weight - mean) * torch.rsqrt(variance + self.eps)
        return kernel

    def plain(self) -> nn.Conv2d:
        """The plain convolution that it is while nothing is learned: its weight is Ŵ."""
        return _like(self, nn.Conv2d, nn.Parameter(self.kernel().detach()))


_OWN = "feeds a norm and is no plain Conv2d, so that what it does with its kernel is not known"


def standardize(model: nn.Module, kernels: Iterable[nn.Conv2d] | None = None) -> nn.Module:
    """The model, with convolutions standardized in place; their parameters stay the same ones.

    Args:
        model: it is changed.
        kernels: which; those that `feeding` finds in the order of the model's modules, if left out.

    Raises what `feeding` raises.
    """
    chosen = feeding(dict(model.named_modules())).values() if kernels is None else kernels
    made = {conv: _like(conv, StandardizedConv2d, conv.weight) for conv in chosen}
    for path, module in list(model.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.Conv2d) and module in made:
            model.set_submodule(path, made[module])
    return model


def feeding(layers: Mapping[str, nn.Module], norms: Collection[nn.Module] | None = None) -> dict[str, nn.Conv2d]:
    """The plain convolutions behind which a norm comes before another convolution, by path.

    Args:
        layers: the modules of a model by path, in the order in which they are run.
        norms: the norms that count, all if left out.

    Raises `NetworkError` where no convolution stands before a norm, or one that is no plain `Conv2d`.
    """
    row = [(path, layer) for path, layer in layers.items() if isinstance(layer, nn.Conv2d) or _counts(layer, norms)]
    found = {
        path: one
        for (path, one), (_, then) in pairwise(row)
        if isinstance(one, nn.Conv2d) and not isinstance(then, nn.Conv2d)
    }
    if not found:
        raise NetworkError("weight standardization: expected a convolution before a norm, and the model has none")
    for path, conv in found.items():
        if type(conv) not in (nn.Conv2d, StandardizedConv2d):
            raise NetworkError(f"weight standardization: {path} ({type(conv).__name__}) {_OWN}")
    return {path: conv for path, conv in found.items() if type(conv) is nn.Conv2d}


def _counts(layer: nn.Module, norms: Collection[nn.Module] | None) -> bool:
    """Whether it is one of the norms, and no block of convolutions that is called after its norms."""
    if norms is not None:
        return layer in norms
    return is_norm(layer) and not any(isinstance(inner, nn.Conv2d) for inner in layer.modules())


def _like(conv: nn.Conv2d, kind: type[Conv], weight: Any) -> Conv:
    made = kind(**{name: getattr(conv, name) for name in SETTINGS}, bias=False, device="meta")  # draws nothing
    made.weight, made.bias = weight, conv.bias
    return made.train(conv.training)
