"""A network in one line, for trying shapes: `8 8m 16 16 16 P F` is `lean` as it is.

16      convolution 3×3 to 16 channels, ReLU, norm
16m     the same with a maximum of 2×2 before the ReLU
16s     the same with padding, so that the plane keeps its size
16n     the same without the norm
P       maximum of 2×2, rounding up
F       the classes, from a convolution over the whole plane
C G     the classes from a padded convolution 3×3, then their mean over the plane
c G     the same from a convolution 1×1
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from normlab.norms import NormFactory, Slot

WORD = re.compile(r"(\d+)([msn]*)")


def network(line: str) -> Callable[..., nn.Module]:
    """The model that a line stands for, as the registry keeps models."""

    def build(norm: NormFactory, dropout: float = 0.0) -> nn.Module:
        shape = Shape(norm, dropout)
        for word in line.split():
            shape.add(word)
        return nn.Sequential(OrderedDict([*shape.layers.items(), ("flat", nn.Flatten())]))

    return build


class Shape:
    """A network under construction: its layers so far, and the channels and size of the plane behind them."""

    def __init__(self, norm: NormFactory, dropout: float) -> None:
        self.norm, self.dropout = norm, dropout
        self.layers: OrderedDict[str, nn.Module] = OrderedDict()
        self.channels, self.size = 1, 28

    def add(self, word: str) -> None:
        """One more word of the line."""
        if match := WORD.fullmatch(word):
            self._block(int(match[1]), match[2])
        elif word == "P":
            self._halve()
        elif word in ("F", "C", "c"):
            self._classes({"F": self.size, "C": 3, "c": 1}[word], padding=int(word == "C"))
        elif word == "G":
            self._put("mean", nn.AdaptiveAvgPool2d(1))
        else:
            raise ValueError(f"expected channels with m, s or n behind them, or P, F, C, c, G; got {word!r}")

    def _block(self, outputs: int, flags: str) -> None:
        padding = int("s" in flags)
        self._put("conv", nn.Conv2d(self.channels, outputs, 3, padding=padding, bias=False))
        self.channels, self.size = outputs, self.size + 2 * padding - 2
        if "m" in flags:
            self._halve()
        self._put("relu", nn.ReLU(inplace=True))
        if "n" not in flags:
            name = f"norm{len(self.layers)}"
            self.layers[name] = self.norm(Slot(name, outputs, (self.size, self.size), groups=4))
            self._put("drop", nn.Dropout(self.dropout))

    def _halve(self) -> None:
        self._put("pool", nn.MaxPool2d(2, ceil_mode=True))
        self.size = -(-self.size // 2)

    def _classes(self, kernel: int, padding: int) -> None:
        self._put("classes", nn.Conv2d(self.channels, 10, kernel, padding=padding))

    def _put(self, kind: str, layer: nn.Module) -> None:
        self.layers[f"{kind}{len(self.layers)}"] = layer
