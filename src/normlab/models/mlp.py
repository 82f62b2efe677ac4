"""A multilayer perceptron, 784-500-300 unless other widths are asked for: 547,410 parameters with γ and β.

| step                              | output    |
|-----------------------------------|-----------|
| linear 784→500, norm, ReLU        | 500 × 1×1 |
| linear 500→300, norm, ReLU        | 300 × 1×1 |
| linear 300→10                     | 10        |

A linear layer over a whole image is a convolution with a window as large as the image, and one behind it a 1×1
convolution: written so, values stay (N, C, 1, 1), so that the norms are those of every other model and all who read
networks know the layers. Over features `bn` is then PyTorch's `BatchNorm1d` and `ln` its `LayerNorm`, to the last bit
of their definition; `in` would have one value to a group, and is refused.

Source of the widths: V. Chiley et al., Online Normalization for Training Neural Networks, NeurIPS 2019, arXiv
1905.05894.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

from normlab.errors import NetworkError
from normlab.models.images import CLASSES, MNIST, Shape
from normlab.norms import NormFactory, Slot
from normlab.spec.problems import short

WIDEST = 16_384


def mlp(
    norm: NormFactory,
    dropout: float = 0.0,
    shape: Shape = MNIST,
    classes: int = CLASSES,
    *,
    hidden: Sequence[int] = (500, 300),
) -> nn.Module:
    """The network for images (N, C, H, W), giving logits (N, classes); `hidden` are the layers' widths.

    Raises `NetworkError` for widths that are none, `GroupsError` for groups of a single feature.
    """
    if not isinstance(hidden, Sequence) or not all(type(width) is int and 0 < width <= WIDEST for width in hidden):
        raise NetworkError(
            f"model mlp: hidden is a list of widths from 1 to {WIDEST:,}, such as [500, 300], got {short(hidden)}"
        )
    channels, window = shape[0], shape[1:]
    layers: list[tuple[str, nn.Module]] = []
    for i, width in enumerate(hidden, start=1):
        layers += [
            (f"linear{i}", nn.Conv2d(channels, width, window)),
            (f"norm{i}", norm(Slot(f"norm{i}", width, (1, 1), groups=_groups(width)))),
            (f"relu{i}", nn.ReLU(inplace=True)),
            (f"drop{i}", nn.Dropout(dropout)),
        ]
        channels, window = width, (1, 1)
    layers += [("classes", nn.Conv2d(channels, classes, window)), ("flat", nn.Flatten())]
    return nn.Sequential(OrderedDict(layers))


def _groups(width: int) -> int:
    """The most groups, up to ten, that divide a layer; those of 500 and 300 have 50 and 30 features."""
    return max(groups for groups in range(1, 11) if width % groups == 0)
