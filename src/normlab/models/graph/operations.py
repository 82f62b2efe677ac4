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


class Scaled(nn.Module):
    """x · γ, a parameter of the network itself: one number, or one a channel (layer scale, Touvron et al. 2021)."""

    def __init__(self, weight: nn.Parameter, shape: Sequence[int]) -> None:
        super().__init__()
        self.weight, self.shape = weight, tuple(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (N, F)."""
        return x * self.weight.view(self.shape)


class Moved(nn.Module):
    """x + β, a parameter of the network itself: one number, or one a channel."""

    def __init__(self, bias: nn.Parameter, shape: Sequence[int]) -> None:
        super().__init__()
        self.bias, self.shape = bias, tuple(shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (N, F)."""
        return x + self.bias.view(self.shape)


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
    """A layer norm over the channels of each position, with the layer's own γ and β."""

    def __init__(self, norm: nn.LayerNorm) -> None:
        super().__init__()
        self.norm, self.eps = norm, norm.eps

    @property
    def weight(self) -> nn.Parameter | None:
        """γ, (C,)."""
        return self.norm.weight

    @property
    def bias(self) -> nn.Parameter | None:
        """β, (C,)."""
        return self.norm.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W)."""
        moved: torch.Tensor = self.norm(x.movedim(1, -1))
        return moved.movedim(-1, 1)


class Product(nn.Module):
    """a · b, of one shape, or b with 1 in the place of some of a's channels, rows and columns."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) both, or (N, F)."""
        return a * b


class Joined(nn.Module):
    """Values one behind the other, by channels."""

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) each, alike but for C."""
        return torch.cat(values, 1)


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
