"""From a norm's name to the layer behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from normlab.errors import NetworkError
from normlab.imports import installed_only
from normlab.norms.batch import batch
from normlab.norms.group import group, group_by_width
from normlab.norms.instance import instance
from normlab.norms.layer import layer
from normlab.norms.layer_c import layer_c
from normlab.norms.layer_chw import layer_chw
from normlab.norms.names import Name, read
from normlab.norms.none import none
from normlab.norms.registered import registered
from normlab.norms.rms import rms
from normlab.norms.slot import Slot

NormFactory = Callable[[Slot], nn.Module]
"""What a model is a function of: it fills one slot."""

LAYERS: dict[str, NormFactory] = {
    "bn": batch,
    "ln": layer,
    "gn": group,
    "in": instance,
    "ln-chw": layer_chw,
    "ln-c": layer_c,
    "rms": rms,
    "none": none,
}

OF_TOKENS = ("ln", "rms", "none")
"""Norms that treat each vector by itself and look at all of it: what transformers normalize tokens with."""


def resolve(norm: str | Callable[[int], nn.Module]) -> NormFactory:
    """The factory behind a name, or behind a callable `channels -> Module`.

    Raises:
        UnknownName: no norm is called so.
        SpecError: the part after `gn:` is not a positive number.

    A slot that holds tokens is filled by norms of `OF_TOKENS` alone; the factory raises `NetworkError` for others.
    """
    if callable(norm):
        return lambda slot: norm(slot.channels)
    name = read(norm)
    factory = _factory(name)

    def fill(slot: Slot) -> nn.Module:
        if slot.tokens and name.kind not in OF_TOKENS:
            raise NetworkError(f"norm {norm} at layer {slot.name}: norms of tokens are {', '.join(OF_TOKENS)}")
        return factory(slot)

    return fill


def _factory(name: Name) -> NormFactory:
    if name.width is not None:
        return partial(group_by_width, width=name.width)
    if name.groups is not None:
        return partial(group, groups=name.groups)
    return LAYERS[name.kind] if name.kind in LAYERS else _of_package(name.kind)


def _of_package(norm: str) -> NormFactory:
    point = registered()[norm]
    try:
        with installed_only():
            factory: NormFactory = point.load()
    except Exception as error:
        raise NetworkError(f"norm {norm}: {point.value} cannot be imported: {type(error).__name__}: {error}") from error
    return factory
