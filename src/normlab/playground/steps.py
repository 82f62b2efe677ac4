"""What each layer does in evaluation, in the words of `network.js`: an operation, its settings and its tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.models.graph import Node
from normlab.norms.dyt import DynamicTanh
from normlab.norms.evonorm import EvoNormS0
from normlab.norms.frn import FilterResponseNorm
from normlab.norms.kinds import groups
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One operation.

    Args:
        do: its name in `network.js`.
        settings: plain values.
        tensors: what was learned, by the names that the operation has for them.
    """

    do: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, torch.Tensor] = field(default_factory=dict)


def step(node: Node, given: Shape) -> Step | None:
    """What a node does to a value of the shape `given`, None where that is nothing.

    Raises `NetworkError` for a layer that has no operation; it is named.
    """
    if node.module is None:
        return Step("add")
    if type(node.module) not in LAYERS:
        raise refused(node, "is not understood")
    return LAYERS[type(node.module)](node, given)


def refused(node: Node, why: str) -> NetworkError:
    """The error that names a layer and says what is wrong with it."""
    return NetworkError(f"{node.name} ({type(node.module).__name__}) {why}")


def _convolution(node: Node, _given: Shape) -> Step:
    layer: Any = node.module
    if layer.padding_mode != "zeros":
        raise refused(node, "does not pad with zeros")
    sides = _pair(layer.kernel_size), _pair(layer.dilation)
    if isinstance(layer.padding, str):  # "same" puts the odd row behind; "valid" puts none
        around = [d * (k - 1) // 2 if layer.padding == "same" else 0 for k, d in zip(*sides, strict=True)]
    else:
        around = _pair(layer.padding)
    window = {"kernel": sides[0], "stride": _pair(layer.stride), "padding": around, "dilation": sides[1]}
    return Step("convolve", window | {"groups": layer.groups}, _kernel(layer))


def _linear(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    if len(given) != 1:
        raise refused(node, "sees something else than the features of an image")
    window = {"kernel": [1, 1], "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1]}
    return Step("convolve", window | {"groups": 1}, _kernel(layer))


def _kernel(layer: Any) -> dict[str, torch.Tensor]:
    return {"weight": layer.weight} | ({} if layer.bias is None else {"bias": layer.bias})


def _largest(node: Node, _given: Shape) -> Step:
    layer: Any = node.module
    if layer.return_indices:
        raise refused(node, "gives indices")
    return Step("largest", _window(layer) | {"dilation": _pair(layer.dilation)})


def _mean(node: Node, _given: Shape) -> Step:
    layer: Any = node.module
    if layer.divisor_override or (layer.count_include_pad and any(_pair(layer.padding))):
        raise refused(node, "divides by something else than the values that it sees")
    return Step("mean", _window(layer) | {"dilation": [1, 1]})


def _adaptive(node: Node, given: Shape) -> Step:
    sides = list(zip(given[-2:], node.shape[-2:], strict=True))
    if any(before % after for before, after in sides):
        raise refused(node, "has windows of several sizes")
    window = [before // after for before, after in sides]
    return Step("mean", {"kernel": window, "stride": window, "padding": [0, 0], "dilation": [1, 1]})


def _window(layer: Any) -> dict[str, list[int]]:
    return {"kernel": _pair(layer.kernel_size), "stride": _pair(layer.stride), "padding": _pair(layer.padding)}


def _pair(value: int | tuple[int, int]) -> list[int]:
    return [value, value] if isinstance(value, int) else [*value]


def _batch_norm(node: Node, _given: Shape) -> Step:
    """In evaluation it is an affine map of each channel."""
    layer: Any = node.module
    if not layer.track_running_stats:
        raise refused(node, "keeps no running statistics")
    learned = _learned(layer, (layer.num_features,))
    weight = learned["weight"] / (layer.running_var + layer.eps).sqrt()
    return Step("affine", {}, {"weight": weight, "bias": learned["bias"] - layer.running_mean * weight})


def _standardize(node: Node, given: Shape) -> Step:
    """Group, layer, instance and RMS norm differ in who shares a mean and in whether it is taken away."""
    layer: Any = node.module
    if isinstance(layer, nn.InstanceNorm2d) and layer.track_running_stats:
        raise refused(node, "keeps running statistics")
    if isinstance(layer, nn.LayerNorm) and tuple(layer.normalized_shape) != given:
        raise refused(node, "is not over the whole of an image")
    centred = not isinstance(layer, RMSNormImage)
    size = given if isinstance(layer, nn.LayerNorm) else given[:1]
    return Step("standardize", {"groups": groups(layer), "eps": layer.eps, "centred": centred}, _learned(layer, size))


def _across(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    return Step("across", {"eps": layer.eps}, _learned(layer, given[:1]))


def _frn(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    known = {"groups": groups(layer), "eps": layer.eps, "centred": False}
    return Step("standardize", known, _learned(layer, given[:1]) | {"threshold": layer.threshold})


def _evonorm(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    known = {"groups": layer.groups, "eps": layer.eps}
    return Step("evonorm", known, _learned(layer, given[:1]) | {"slope": layer.slope})


def _tanh(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    return Step("tanh", {}, _learned(layer, given[:1]) | {"alpha": layer.alpha})


def _learned(layer: Any, size: Shape) -> dict[str, torch.Tensor]:
    """The γ and β of a norm, 1 and 0 where it learns none."""
    weight, bias = getattr(layer, "weight", None), getattr(layer, "bias", None)
    return {
        "weight": torch.ones(size) if weight is None else weight,
        "bias": torch.zeros(size) if bias is None else bias,
    }


def _softmax(node: Node, given: Shape) -> Step:
    layer: Any = node.module
    if len(given) != 1 or layer.dim not in (1, -1):
        raise refused(node, "is not over classes")
    return Step("logsoftmax")


def _nothing(node: Node, given: Shape) -> None:
    """Values lie in one row, so flattening an image moves none."""
    if isinstance(node.module, nn.Flatten) and len(node.shape) not in (1, len(given)):
        raise refused(node, "flattens a part of each image")


LAYERS: dict[type[nn.Module], Callable[[Node, Shape], Step | None]] = {
    nn.Conv2d: _convolution,
    nn.Linear: _linear,
    nn.MaxPool2d: _largest,
    nn.AvgPool2d: _mean,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.ReLU: lambda _node, _given: Step("relu"),
    nn.LogSoftmax: _softmax,
    nn.BatchNorm2d: _batch_norm,
    nn.GroupNorm: _standardize,
    nn.InstanceNorm2d: _standardize,
    nn.LayerNorm: _standardize,
    RMSNormImage: _standardize,
    LayerNormChannels: _across,
    FilterResponseNorm: _frn,
    EvoNormS0: _evonorm,
    DynamicTanh: _tanh,
    **dict.fromkeys((nn.Identity, nn.Dropout, nn.Dropout2d, nn.Flatten), _nothing),
}
"""The layers that there are operations for. A subclass may compute anything."""
