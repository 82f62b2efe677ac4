"""A compact network as one safetensors file: the weights, and the operations as JSON in the file's metadata.

No pickle and no code of the original model is needed to read it. What is read is bounded and checked before it is
used: the operations are of known kinds with known settings, each reads what stands before it, weights have the shapes
that the settings say, and a run on the "meta" device, which has shapes but no memory, gives every promised shape.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Annotated, Any

import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, ValidationError
from safetensors import SafetensorError, safe_open
from torch import nn

from normlab.compaction.counted import CountedGroupNorm, CountedRMSNorm
from normlab.compaction.network import CompactNetwork
from normlab.errors import CompactError, NetworkError
from normlab.models.graph import Graph, Node
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

FORMAT = "normlab compact 1"
LARGEST = 1 << 26
"""Numbers in one value of one image; more is no network for small images."""
CHANNELS = 4096
"""Channels of a counted norm, which keeps a table of channels × groups."""

_WINDOW = ("kernel_size", "stride", "padding")
KINDS: dict[str, tuple[type[nn.Module], tuple[str, ...]]] = {
    "Conv2d": (nn.Conv2d, ("in_channels", "out_channels", *_WINDOW, "dilation", "bias")),
    "Linear": (nn.Linear, ("in_features", "out_features", "bias")),
    "BatchNorm2d": (nn.BatchNorm2d, ("num_features", "eps")),
    "GroupNorm": (nn.GroupNorm, ("num_groups", "num_channels", "eps")),
    "LayerNorm": (nn.LayerNorm, ("normalized_shape", "eps", "elementwise_affine", "bias")),
    "LayerNormChannels": (LayerNormChannels, ("normalized_shape", "eps", "elementwise_affine", "bias")),
    "RMSNormImage": (RMSNormImage, ("channels", "eps")),
    "CountedGroupNorm": (CountedGroupNorm, ("sizes", "counts", "means", "squares", "eps")),
    "CountedRMSNorm": (CountedRMSNorm, ("channels", "share", "rest")),
    "ReLU": (nn.ReLU, ()),
    "MaxPool2d": (nn.MaxPool2d, (*_WINDOW, "dilation", "ceil_mode")),
    "AvgPool2d": (nn.AvgPool2d, (*_WINDOW, "ceil_mode", "count_include_pad", "divisor_override")),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d, ("output_size",)),
    "Flatten": (nn.Flatten, ()),
    "LogSoftmax": (nn.LogSoftmax, ("dim",)),
    "Softmax": (nn.Softmax, ("dim",)),
}
"""By class: its settings, which are arguments of its constructor."""
INPUT, SUM = "Input", "Sum"

Whole = Annotated[StrictInt, Field(ge=-1, le=1 << 16)]
Real = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Setting = StrictBool | Whole | Real | list[Whole | None] | list[Real] | None


class Operation(BaseModel):
    """One node of the graph in the file."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[^.]+(\.[^.]+)*$", max_length=1000)]
    kind: str
    inputs: Annotated[list[str], Field(max_length=2)]
    shape: Annotated[list[Annotated[StrictInt, Field(ge=1, le=1 << 16)]], Field(min_length=1, max_length=3)]
    settings: dict[str, Setting] = {}


class Structure(BaseModel):
    """All that the metadata says."""

    model_config = ConfigDict(extra="forbid")
    operations: Annotated[list[Operation], Field(min_length=2, max_length=1000)]
    output: str


@dataclass(frozen=True)
class _Fault(Exception):
    what: str


def dump(network: CompactNetwork) -> bytes:
    """The file's bytes."""
    operations = [_operation(node) for node in network.graph]
    structure = Structure(operations=operations, output=network.graph.output)
    metadata = {"format": FORMAT, "network": structure.model_dump_json(exclude_defaults=True)}
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    return safetensors.torch.save(tensors, metadata)


def load(path: str | Path) -> CompactNetwork:
    """The network in a file that `normlab compact` wrote, in eval mode on the CPU.

    Raises:
        CompactError: it cannot be read, or is no such file, with what is wrong in it.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        return _network(metadata, tensors)
    except (OSError, SafetensorError) as error:
        raise CompactError(f"cannot read {path}: {error}") from None
    except _Fault as fault:
        raise CompactError(f"{path} is no compact network: {fault.what}") from None


def _network(metadata: dict[str, str], tensors: dict[str, torch.Tensor]) -> CompactNetwork:
    if metadata.get("format") != FORMAT:
        raise _Fault(f"expected a file of `normlab compact` with format {FORMAT!r}, got {metadata.get('format')!r}")
    try:
        structure = Structure.model_validate_json(metadata.get("network", ""))
    except ValidationError as error:
        first = error.errors()[0]
        raise _Fault(f"{'.'.join(map(str, first['loc'])) or 'network'}: {first['msg']}") from None
    try:
        network = CompactNetwork(_graph(structure))
    except (KeyError, AttributeError, NetworkError) as error:
        raise _Fault(f"a name in it cannot be one of a layer: {error}") from None
    try:
        network.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        raise _Fault(" ".join(str(error).split())) from None
    _check_shapes(network)
    return network.requires_grad_(requires_grad=False)


def _graph(structure: Structure) -> Graph:
    nodes: list[Node] = []
    for operation in structure.operations:
        names = {node.name for node in nodes}
        reads = {INPUT: 0, SUM: 2}.get(operation.kind, 1)
        if operation.name in names or not names.issuperset(operation.inputs) or len(operation.inputs) != reads:
            raise _Fault(f"{operation.name}: expected a new name and {reads} inputs from before it")
        if (operation.kind == INPUT) != (not nodes):
            raise _Fault(f"{operation.name}: expected one input, and that first")
        nodes.append(Node(operation.name, _module(operation), tuple(operation.inputs), tuple(operation.shape)))
    if structure.output not in {node.name for node in nodes}:
        raise _Fault(f"output: there is no operation {structure.output!r}")
    return Graph(tuple(nodes), structure.output)


def _module(operation: Operation) -> nn.Module | None:
    if operation.kind in (INPUT, SUM):
        return None
    if operation.kind not in KINDS:
        raise _Fault(f"{operation.name}: unknown kind {operation.kind!r}; kinds are {', '.join(KINDS)}")
    make, names = KINDS[operation.kind]
    if set(operation.settings) != set(names):
        raise _Fault(f"{operation.name}: expected the settings {', '.join(names) or 'none'}")
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in operation.settings.items()}
    counted = make is CountedGroupNorm
    if counted and not _fits(settings):
        raise _Fault(
            f"{operation.name}: expected a size, count, mean and square for each group, and at most {CHANNELS} channels"
        )
    try:
        with nullcontext() if counted else torch.device("meta"):  # no memory before the shapes are known to be right
            return make(**settings)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _Fault(f"{operation.name}: {(str(error).splitlines() or ['wrong settings'])[0]}") from None


def _fits(settings: dict[str, Any]) -> bool:
    lists = [settings[name] for name in ("sizes", "counts", "means", "squares")]
    if not all(isinstance(each, tuple) and len(each) == len(lists[0]) for each in lists):
        return False
    sizes, counts, means, squares = lists
    if None in (*means, *squares):
        return False
    return (
        all(s is not None and s > 0 for s in sizes)
        and all(c is not None and c >= 0 for c in counts)
        and (sum(sizes) <= CHANNELS)
    )


def _check_shapes(network: CompactNetwork) -> None:
    ghost = deepcopy(network).to("meta")
    values: dict[str, torch.Tensor] = {}
    for node in network.graph:
        given = [values[name] for name in node.inputs]
        try:
            if node.module is not None:
                values[node.name] = ghost.get_submodule(node.name)(*given)
            else:
                values[node.name] = given[0] + given[1] if node.is_sum else torch.empty(1, *node.shape, device="meta")
        except Exception as error:  # noqa: BLE001 - torch raises what it likes for settings that do not fit
            raise _Fault(f"{node.name}: {(str(error).splitlines() or [''])[0]}") from None
        if tuple(values[node.name].shape[1:]) != node.shape or prod(node.shape) > LARGEST:
            raise _Fault(f"{node.name}: gives {tuple(values[node.name].shape[1:])}, expected {node.shape}")


def _operation(node: Node) -> Operation:
    if node.module is None:
        return Operation(name=node.name, kind=SUM if node.is_sum else INPUT, inputs=[*node.inputs], shape=[*node.shape])
    kind = type(node.module).__name__
    settings = {name: _setting(node.module, name) for name in KINDS[kind][1]}
    return Operation(name=node.name, kind=kind, inputs=[*node.inputs], shape=[*node.shape], settings=settings)


def _setting(module: Any, name: str) -> Any:
    if name == "bias":
        return module.bias is not None
    if name == "channels":
        return len(module.weight)
    value = getattr(module, name)
    return json.loads(json.dumps(value))  # tuples as lists
