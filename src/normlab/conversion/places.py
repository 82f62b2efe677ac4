"""Every norm of a network and where it is called: one place for a module, however many names it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import parametrize

from normlab.conversion.behaviour import normalizes, tried
from normlab.conversion.facts import Norm, Unknown
from normlab.conversion.known import known
from normlab.conversion.passing import Passing

CALLED_A_NORM = re.compile(r"norm|^S?BN|BN$|BN\d|LN$|LN\d|^FRN|FRN$|^ABN|DyT|DynamicTanh|GRN", re.IGNORECASE)
LOCAL = (nn.LocalResponseNorm, nn.CrossMapLRN2d)
BASES = (_NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, *LOCAL)
"""PyTorch's norms; a subclass is one too, whatever it computes."""


@dataclass(frozen=True, eq=False)
class Place:
    """A module that is a norm, or looks like one.

    Args:
        paths: all its dotted names in the network; the first is what it is called.
        module: itself.
        norm: what it is, or why it is left.
        shape: of its input in the example; None where none passed.
        dims: how many dimensions stand behind the channels: its own, the example's, else those of the layer before.
    """

    paths: tuple[str, ...]
    module: nn.Module
    norm: Norm | Unknown
    shape: tuple[int, ...] | None
    dims: int

    @property
    def path(self) -> str:
        """What it is called."""
        return self.paths[0]

    @property
    def channels(self) -> int:
        """Of what passes, 0 where its norm is not understood."""
        return self.norm.channels if isinstance(self.norm, Norm) else 0

    @property
    def size(self) -> tuple[int, ...] | None:
        """Of its plane, (H, W) in a network of images and () for vectors; None where nothing tells."""
        if self.shape is not None:
            return self.shape[2:]
        return () if self.dims == 0 else None


def places(model: nn.Module, passed: Passing) -> list[Place]:
    """The norms of a network in the order of its modules."""
    paths: dict[nn.Module, list[str]] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        paths.setdefault(module, []).append(path)
    found, dims, inside = [], 2, set[nn.Module]()
    calling = {path for path, _ in passed.functions}
    for module, names in paths.items():
        if module in inside:
            continue
        dims = _dims(module, dims)
        shape = next((passed.inputs[name] for name in names if name in passed.inputs), None)
        norm = _norm(module, shape, calls=any(name in calling for name in names))
        if norm is not None:
            inside.update(module.modules())
            found.append(Place(tuple(names), module, norm, shape, _of(norm, shape, dims)))
    return found


def _dims(module: nn.Module, before: int) -> int:
    """The dimensions of planes behind a layer; those before it where it says nothing of them."""
    if isinstance(module, _ConvNd):
        return len(module.kernel_size)
    return 0 if isinstance(module, nn.Linear | nn.Flatten) else before


def _of(norm: Norm | Unknown, shape: tuple[int, ...] | None, dims: int) -> int:
    if shape is not None:
        return len(shape) - 2
    own = norm.dims if isinstance(norm, Norm) else None
    return dims if own is None else own


def _norm(module: nn.Module, shape: tuple[int, ...] | None, *, calls: bool) -> Norm | Unknown | None:
    """What a module is, None where it is no norm."""
    if not _is_one(module, shape, calls=calls):
        return None
    why = _left(module)
    if why:
        return Unknown(why)
    found = known(module) or tried(module, shape)
    return found or Unknown("computes none of the norms that are known here, so nothing can be said to take its place")


def _is_one(module: nn.Module, shape: tuple[int, ...] | None, *, calls: bool) -> bool:
    if known(module) is not None or isinstance(module, BASES):
        return True
    container = _holds_layers(module) or isinstance(module, nn.ModuleList | nn.Sequential | nn.ModuleDict)
    own = [value for value in module._parameters.values() if value is not None]
    if container or type(module).__module__.startswith("torch.nn") or any(v.squeeze().ndim > 1 for v in own):
        return False
    return calls or "running_mean" in module._buffers or _looks_like_one(module, shape, learns=bool(own))


def _looks_like_one(module: nn.Module, shape: tuple[int, ...] | None, *, learns: bool) -> bool:
    """By its name, or by what it does to an input where one is known.

    A module without parameters may be called so because it scales pixels, so its name alone is not enough then.
    """
    named = bool(CALLED_A_NORM.search(type(module).__name__))
    if named and (learns or shape is None):
        return True
    return (named or learns) and shape is not None and len(shape) > 1 and normalizes(module, torch.empty(shape))


def _holds_layers(module: nn.Module) -> bool:
    """Whether a module has layers that learn in it, so that its norms are to be looked for inside."""
    return any(
        child is not module and (isinstance(child, (_ConvNd, nn.Linear, *BASES)) or known(child) is not None)
        for child in module.modules()
    )


def _left(module: nn.Module) -> str:
    """Why a norm is left as it is, whatever it computes."""
    if isinstance(module, LOCAL):
        return "local response norm divides by neighbouring channels and has no γ and β: no norm here is its like"
    if parametrize.is_parametrized(module):
        return "its γ or β is parametrized: remove the parametrization first"
    frozen = "running_mean" in module._buffers and not list(module.parameters())
    affine = "weight" in module._buffers
    return "frozen: a fixed scale and shift, which takes no statistics" if frozen and affine else ""
