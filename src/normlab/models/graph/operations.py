"""What networks compute with functions alone, as modules: PyTorch has none for it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

Amounts = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""How much is put before and behind the channels, the rows and the columns."""


class Line(nn.Module):
    """factor · x + shift."""

    def __init__(self, factor: float = 1.0, shift: float = 0.0) -> None:
        super().__init__()
        self.factor, self.shift = float(factor), float(shift)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape."""
        return x * self.factor + self.shift


class Power(nn.Module):
    """x to one of `EXPONENTS`; `flat` at 0, where a root's slope has no bound and a norm of zeros has none."""

    def __init__(self, exponent: float = 2, *, flat: bool = False) -> None:
        super().__init__()
        self.exponent, self.flat = float(exponent), flat

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape."""
        y = x.pow(self.exponent)
        return torch.where(x == 0, y.detach(), y) if self.flat else y


EXPONENTS = (2, 3, 0.5, -0.5, -1, -2)
"""Those that come of products, divisions and square roots."""


class Scaled(nn.Module):
    """x · γ, a parameter of the network itself: one number, or one a channel (layer scale, Touvron et al. 2021).

    `strides` are how far apart its numbers are from one channel, row and column to the next, 0 where it is the same.
    """

    def __init__(self, weight: nn.Parameter, strides: Sequence[int]) -> None:
        super().__init__()
        self.weight, self.strides = weight, tuple(strides)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (N, F)."""
        return x * spread(self.weight, x.shape[1:], self.strides)


class Moved(nn.Module):
    """x + β, a parameter of the network itself: one number, or one a channel, a row, a column; see `Scaled`."""

    def __init__(self, bias: nn.Parameter, strides: Sequence[int]) -> None:
        super().__init__()
        self.bias, self.strides = bias, tuple(strides)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (N, F)."""
        return x + spread(self.bias, x.shape[1:], self.strides)


def spread(parameter: torch.Tensor, shape: Sequence[int], strides: Sequence[int]) -> torch.Tensor:
    """A parameter as a plane has it that it is multiplied with or added to."""
    return parameter.reshape(-1).as_strided(tuple(shape), tuple(strides)[: len(shape)])


class EachPosition(nn.Module):
    """A linear layer at each position: a convolution whose kernel is one position, with the layer's own weights."""

    kernel_size = stride = dilation = (1, 1)
    padding, groups, padding_mode = (0, 0), 1, "zeros"

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear

    @property
    def weight(self) -> nn.Parameter:
        """(outputs, inputs)."""
        weight: nn.Parameter = self.linear.weight  # type: ignore[assignment]  # PyTorch says a tensor
        return weight

    @property
    def bias(self) -> nn.Parameter | None:
        """(outputs,)."""
        return self.linear.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to (N, outputs, H, W)."""
        moved: torch.Tensor = self.linear(x.movedim(1, -1))
        return moved.movedim(-1, 1)


class AcrossChannels(nn.Module):
    """A norm over the channels of each position, layer norm's or, where it takes no mean away, RMS norm's.

    γ and β, `weight` and `bias`, are those of `norm`, (C,) or None.
    """

    def __init__(self, norm: nn.Module, eps: float, *, centres: bool) -> None:
        super().__init__()
        self.norm, self.eps, self.centres = norm, eps, centres

    @property
    def weight(self) -> nn.Parameter | None:
        """γ, (C,)."""
        return getattr(self.norm, "weight", None)

    @property
    def bias(self) -> nn.Parameter | None:
        """β, (C,)."""
        return getattr(self.norm, "bias", None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W)."""
        function = F.layer_norm if self.centres else F.rms_norm
        y: torch.Tensor = function(x.movedim(1, -1), (x.shape[1],), eps=self.eps)
        y = y if self.weight is None else y * self.weight.flatten()
        return (y if self.bias is None else y + self.bias.flatten()).movedim(-1, 1)


class Product(nn.Module):
    """a · b, of one shape, or b with 1 in the place of some of a's channels, rows and columns."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) both, or (N, F)."""
        return a * b


class Learned(nn.Module):
    """A parameter of the network itself as a value that is the same for every image; see `Scaled` for the strides."""

    def __init__(self, weight: nn.Parameter, strides: Sequence[int], shape: Sequence[int]) -> None:
        super().__init__()
        self.weight, self.strides, self.shape = weight, tuple(strides), tuple(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any images, of which their number counts, to (N, C, H, W)."""
        return spread(self.weight, self.shape, self.strides).expand(len(x), *self.shape)


class Joined(nn.Module):
    """Values one behind the other, along a place: 1 channels, 2 rows, 3 columns."""

    def __init__(self, place: int = 1) -> None:
        super().__init__()
        self.place = place

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) each, alike but for one."""
        return torch.cat(values, self.place)


class Piece(nn.Module):
    """Some of the channels, rows and columns: `index` has a slice with a step of 1 or more for each."""

    def __init__(self, *index: slice) -> None:
        super().__init__()
        self.index = index

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W), or (N, F) for one slice."""
        return x[(slice(None), *self.index)]


class Spread(nn.Module):
    """What has one channel, row or column, as often as a larger shape asks."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W)."""
        return x.expand(len(x), *self.shape)


class Reshaped(nn.Module):
    """The same numbers in another shape, that of one image's."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape with images first."""
        return x.reshape(len(x), *self.shape)


class Padded(nn.Module):
    """More channels, rows and columns around: `value`, or what `mode` (of `torch.nn.functional.pad`) puts there."""

    def __init__(self, amounts: Amounts, mode: str = "constant", value: float = 0.0) -> None:
        super().__init__()
        self.amounts, self.mode, self.value = amounts, mode, float(value)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W)."""
        channels, rows, columns = self.amounts
        deep = channels if any(channels) else ()  # all but a constant are put around planes alone
        return F.pad(x, [*columns, *rows, *deep], self.mode, self.value if self.mode == "constant" else None)


def amounts(pads: Sequence[int]) -> Amounts:
    """From PyTorch's order, the last dimension first; raises `ValueError` where something is cut off, or no image."""
    pairs = [(before, behind) for before, behind in zip(pads[::2], pads[1::2], strict=True)][::-1]
    if len(pairs) > 3 or any(min(pair) < 0 for pair in pairs):
        raise ValueError("no padding of channels, rows and columns")
    channels, rows, columns = [(0, 0)] * (3 - len(pairs)) + pairs
    return channels, rows, columns
