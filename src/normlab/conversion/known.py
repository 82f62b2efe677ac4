"""Norms known by their class: those of PyTorch and our own. A subclass may compute anything, and is tried instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from normlab.conversion.facts import Norm
from normlab.conversion.stands import Without
from normlab.norms import kinds
from normlab.norms.dyt import DynamicTanh, DynamicTanhFeatures
from normlab.norms.evonorm import EvoNormS0
from normlab.norms.frn import FilterResponseNorm
from normlab.norms.ghost import GhostBatchNorm
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.renorm import BatchRenorm
from normlab.norms.rms import RMSNormFeatures, RMSNormImage
from normlab.norms.slot import EPS


def known(module: nn.Module) -> Norm | None:
    """What a module is, None where its class does not say."""
    read = READERS.get(type(module))
    return read(module) if read else None


def _batch(module: Any) -> Norm:
    momentum = module.momentum if module.track_running_stats else None
    dims = {nn.BatchNorm2d: 2, nn.BatchNorm3d: 3}.get(type(module))
    return _norm("bn", module.num_features, module, momentum=momentum, dims=dims)


def _instance(module: Any) -> Norm:
    dims = {nn.InstanceNorm1d: 1, nn.InstanceNorm2d: 2}.get(type(module), 3)
    return _norm("in", module.num_features, module, dims=dims)


def _group(module: Any) -> Norm:
    return _norm(kinds.name(module), module.num_channels, module)


def _layer(module: Any) -> Norm | None:
    shape = module.normalized_shape
    if len(shape) == 3:
        return _norm("ln-chw", shape[0], module, dims=2)
    return _norm("ln", shape[0], module, features=True) if len(shape) == 1 else None


def _rms(module: Any) -> Norm | None:
    shape = module.normalized_shape
    if len(shape) != 1:
        return None
    return _norm("rms", shape[0], module, features=True, eps=module.eps or torch.finfo(torch.float32).eps)


def _ours(module: Any) -> Norm:
    of_batch = isinstance(module, nn.BatchNorm2d)
    channels = module.num_features if of_batch else module.weight.numel()
    return _norm(kinds.name(module), channels, module, momentum=module.momentum if of_batch else None, dims=2)


def _of_features(module: Any) -> Norm:
    return _norm(kinds.name(module), module.weight.numel(), module, features=True)


def _without(module: Any) -> Norm:
    return _norm("none", module.channels, module, features=module.features, dims=module.dims, affine=module.affine)


def _norm(name: str, channels: int, module: Any, **others: Any) -> Norm:
    gain, shift = (_parameter(module, each) for each in ("weight", "bias"))
    settings = {"eps": getattr(module, "eps", EPS), "features": False, **others}
    return Norm(name, channels, module=module, gain=gain, shift=shift, **settings)


def _parameter(module: nn.Module, name: str) -> torch.Tensor | None:
    """γ or β that is learned; a buffer in its place is a constant 1 or 0 (see `carrying`)."""
    return module._parameters.get(name)


READERS: dict[type[nn.Module], Callable[[Any], Norm | None]] = {
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm), _batch),
    **dict.fromkeys((nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d), _instance),
    nn.GroupNorm: _group,
    nn.LayerNorm: _layer,
    nn.RMSNorm: _rms,
    LayerNormChannels: lambda module: _norm("ln-c", module.normalized_shape[0], module),
    **dict.fromkeys((RMSNormImage, GhostBatchNorm, BatchRenorm, FilterResponseNorm, DynamicTanh, EvoNormS0), _ours),
    **dict.fromkeys((RMSNormFeatures, DynamicTanhFeatures), _of_features),
    Without: _without,
}
