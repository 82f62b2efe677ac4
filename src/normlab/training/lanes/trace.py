"""What of a network the engine has kernels for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from torch import nn

from normlab.errors import EngineError, NetworkError
from normlab.models import graph
from normlab.models.graph.dropping import Unit
from normlab.models.graph.inherited import computes_as
from normlab.models.graph.layouts import over_channels, usual
from normlab.models.graph.legs import NOWHERE, Leg
from normlab.models.graph.operations import (
    AcrossChannels,
    EachPosition,
    Joined,
    Learned,
    Moved,
    Padded,
    Piece,
    Product,
    Reshaped,
    Scaled,
    Spread,
)
from normlab.models.graph.planes import Arranged, Beside, Contracted
from normlab.models.graph.seen import IMAGES
from normlab.norms.dyt import DynamicTanh
from normlab.norms.kinds import KNOWN
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage
from normlab.training.dropout import PairedDropout
from normlab.training.lanes import settings

KINDS: dict[type[nn.Module], str] = {
    nn.Conv2d: "conv",
    nn.Linear: "conv",
    EachPosition: "conv",
    **dict.fromkeys(settings.OF_BATCHES, "norm"),
    nn.GroupNorm: "norm",
    nn.InstanceNorm2d: "norm",
    RMSNormImage: "norm",
    nn.LayerNorm: "norm",
    LayerNormChannels: "across",
    AcrossChannels: "across",
    nn.MaxPool2d: "largest",
    nn.AdaptiveMaxPool2d: "largest",
    nn.AvgPool2d: "mean",
    nn.AdaptiveAvgPool2d: "mean",
    nn.ReLU: "relu",
    **dict.fromkeys(settings.ACTIVATIONS, "activation"),
    nn.PReLU: "prelu",
    PairedDropout: "dropout",
    Product: "product",
    Joined: "join",
    Learned: "learned",
    **dict.fromkeys((Piece, Spread), "piece"),
    **dict.fromkeys((Scaled, Moved), "own"),
    nn.ChannelShuffle: "shuffle",
    **dict.fromkeys((nn.Upsample, nn.UpsamplingNearest2d), "arrange"),
    Arranged: "arrange",
    Beside: "beside",
    Contracted: "contract",
    nn.Softmax: "softmax",
    **dict.fromkeys((Padded, *settings.PADS), "pad"),
    **dict.fromkeys((nn.Identity, nn.Flatten, nn.Unflatten, Reshaped, nn.LogSoftmax), "same"),
}
"""The modules that there are kernels for, and which. A subclass that adds to one may compute anything."""
UPSAMPLING = (nn.Upsample, nn.UpsamplingNearest2d)
DROPPED = (nn.Dropout, nn.Dropout2d)
WHOLE = (*KINDS, *(kind for kind in KNOWN if kind is not DynamicTanh))
"""The modules that are not looked into: one without a kernel is told by its name. Dynamic tanh is made of some with."""


def trace(model: nn.Module, shape: tuple[int, int, int]) -> graph.Graph:
    """The graph of a model for images of (C, H, W), whose dropout is paired, that of functions too.

    Raises `EngineError` with the operation that cannot be taken.
    """
    try:
        found = graph.trace(model, shape, WHOLE, computes=True)
    except NetworkError as error:
        raise EngineError(f"the lanes engine cannot take this model: {error}") from None
    shapes = {node.name: node.shape for node in found}
    nodes = (_spread(node, shapes) if type(node.module) in UPSAMPLING else _paired(node) for node in found)
    return graph.Graph(tuple(nodes), found.output, found.computed)


def _spread(node: graph.Node, shapes: Mapping[str, tuple[int, ...]]) -> graph.Node:
    """A layer that has each number several times over as the copy that it is."""
    before, how = shapes[node.inputs[0]], node.module
    times = [made // size for made, size in zip(node.shape, before, strict=True)]
    even = all(size * factor == made for size, factor, made in zip(before, times, node.shape, strict=True))
    if getattr(how, "mode", "") != "nearest" or not even:
        raise EngineError(
            f"the lanes engine cannot take {node.name}: it interpolates, and whole repetitions are covered"
        )
    legs = [Leg(before[0], ((1, 1), (1, 1)))]
    for place in (2, 3):
        size, factor = before[place - 1], times[place - 1]
        legs += [Leg(size, ((place, 1), (place, factor))), Leg(factor, (NOWHERE, (place, 1)))]
    return replace(node, module=Arranged(legs, (0, 0, 0), before, node.shape))


def _paired(node: graph.Node) -> graph.Node:
    """The node itself; of a function that drops, whose call is no module of the model's, with a layer for its masks."""
    if type(node.module) is nn.Softmax:
        return replace(node, module=nn.Softmax(_place(node)))
    if type(node.module) is nn.RMSNorm and len(node.shape) == 1:
        return replace(node, module=over_channels(node.module, usual(node.shape, IMAGES), node.shape))
    if type(node.module) not in DROPPED:
        return node
    unit: Unit = "channel" if type(node.module) is nn.Dropout2d else "value"
    return replace(node, module=PairedDropout(node.module.p, unit))  # type: ignore[union-attr, arg-type]


def _place(node: graph.Node) -> int:
    """The place that a softmax is along: 1 channels or features, 2 rows, 3 columns."""
    dim = getattr(node.module, "dim", None)
    place = 0 if dim is None else dim % (len(node.shape) + 1)
    if not place:
        raise EngineError(f"the lanes engine cannot take {node.name}: a softmax that is not within each image")
    return place


def called(model: nn.Module, traced: graph.Graph) -> list[PairedDropout]:
    """The layers that stand for functions, in the order of their calls."""
    own = set(model.modules())
    return [node.module for node in traced if isinstance(node.module, PairedDropout) and node.module not in own]


def fixed(model: nn.Module, traced: graph.Graph) -> dict[str, nn.Parameter]:
    """The parameters that no step moves, by name: those that are held fixed, and those that nothing reads."""
    read = {id(p) for node in traced if node.module is not None for p in node.module.parameters()}
    read |= {id(p) for p in traced.computed.learned} if traced.computed else set()
    return {name: p for name, p in model.named_parameters() if not p.requires_grad or id(p) not in read}


def kind_of(node: graph.Node) -> str:
    """Which kernel a node asks for: a value of `KINDS`, "add" or "input"; raises `EngineError` where there is none."""
    if node.module is None:
        return "add" if node.is_sum else "input"
    kind = computes_as(node.module, KINDS)
    if kind is None:
        raise EngineError(f"the lanes engine has no kernel for {node.name}: {type(node.module).__name__}")
    return KINDS[kind]
