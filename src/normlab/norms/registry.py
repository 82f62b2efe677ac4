"""The names of norms: `bn`, `ln`, `gn`, `gn:4`, `gn:cpg=8`, `in`, `ln-chw`, `ln-c`, `rms`, `none`.

bn         batch norm
ln         layer norm = GroupNorm(1, C), the course's meaning
gn         group norm with the groups that the model's author chose for each slot
gn:4       group norm with 4 groups
gn:cpg=8   group norm with 8 channels per group
in         instance norm
ln-chw     layer norm with an affine value per element
ln-c       layer norm over channels only
rms        RMS norm
none       no norm
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from torch import nn

from normlab.errors import SpecError, UnknownName
from normlab.norms.batch import batch
from normlab.norms.group import group, group_by_width
from normlab.norms.instance import instance
from normlab.norms.layer import layer
from normlab.norms.layer_c import layer_c
from normlab.norms.layer_chw import layer_chw
from normlab.norms.none import none
from normlab.norms.rms import rms
from normlab.norms.slot import Slot

NormFactory = Callable[[Slot], nn.Module]
"""What a model is a function of: it fills one slot."""

PLAIN: dict[str, NormFactory] = {
    "bn": batch,
    "ln": layer,
    "gn": group,
    "in": instance,
    "ln-chw": layer_chw,
    "ln-c": layer_c,
    "rms": rms,
    "none": none,
}
GROUPS = re.compile(r"gn:(cpg=)?([1-9][0-9]*)")  # one spelling for each count


def known() -> list[str]:
    """Every name, `gn:G` and `gn:cpg=K` standing for their families."""
    return [*PLAIN, "gn:G", "gn:cpg=K"]


def resolve(norm: str | Callable[[int], nn.Module]) -> NormFactory:
    """The factory behind a name, or behind a callable `channels -> Module`.

    Raises:
        UnknownName: no norm is called so.
        SpecError: the part after `gn:` is not a positive number.
    """
    if callable(norm):
        return lambda slot: norm(slot.channels)
    if norm in PLAIN:
        return PLAIN[norm]
    if norm.startswith("gn:"):
        return _grouped(norm)
    raise UnknownName("norm", norm, known())


def _grouped(norm: str) -> NormFactory:
    match = GROUPS.fullmatch(norm)
    if match is None:
        raise SpecError(
            f"norm {norm!r}: expected gn:G (G groups) or gn:cpg=K (K channels a group), with a number of at least 1"
        )
    count = int(match[2])
    return partial(group_by_width, width=count) if match[1] else partial(group, groups=count)
