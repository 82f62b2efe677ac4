"""From a norm's name to the layer behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from normlab.errors import NetworkError
from normlab.imports import installed_only
from normlab.norms.batch import batch
from normlab.norms.dyt import dyt
from normlab.norms.evonorm import evonorm
from normlab.norms.frn import frn
from normlab.norms.ghost import ghost
from normlab.norms.group import group, group_by_width
from normlab.norms.instance import instance
from normlab.norms.layer import layer
from normlab.norms.layer_c import layer_c
from normlab.norms.layer_chw import layer_chw
from normlab.norms.names import Name, read
from normlab.norms.none import none
from normlab.norms.registered import registered
from normlab.norms.renorm import renorm
from normlab.norms.rms import rms
from normlab.norms.slot import Slot

NormFactory = Callable[[Slot], nn.Module]
"""What a model is a function of: it fills one slot."""

LAYERS: dict[str, Callable[..., nn.Module]] = {
    "bn": batch,
    "ln": layer,
    "gn": group,
    "in": instance,
    "ln-chw": layer_chw,
    "ln-c": layer_c,
    "rms": rms,
    "gbn": ghost,
    "brn": renorm,
    "frn": frn,
    "dyt": dyt,
    "evonorm-s0": evonorm,
    "none": none,
}
"""The layers by kind; they take a slot, and the numbers of a name by their names in `Name`."""
COUNTS = ("groups", "images", "steps")

OF_TOKENS = ("ln", "rms", "dyt", "none")
"""Norms that treat each vector by itself and look at all of it: what transformers normalize tokens with."""


def resolve(norm: str | Callable[[int], nn.Module]) -> NormFactory:
    """The factory behind a name, or behind a callable `channels -> Module`.

    A factory fills slots and knows nothing of the kernels before them: of `ws+gn:4` it is that of `gn:4`, and
    `normlab.norms.standardized` does the rest to the model.

    Raises:
        UnknownName: no norm is called so.
        SpecError: the part after `:` is not a positive number, or no norm stands behind `ws+`.

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
    if name.kind not in LAYERS:
        return _of_package(name.kind)
    counts = {field: count for field in COUNTS if (count := getattr(name, field)) is not None}
    return partial(LAYERS[name.kind], **counts) if counts else LAYERS[name.kind]


def _of_package(norm: str) -> NormFactory:
    point = registered()[norm]
    try:
        with installed_only():
            factory: NormFactory = point.load()
    except Exception as error:
        raise NetworkError(f"norm {norm}: {point.value} cannot be imported: {type(error).__name__}: {error}") from error
    return factory
