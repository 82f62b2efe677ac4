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

Reading a name needs no PyTorch; `registry` has the layers behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from normlab.errors import GroupsError, SpecError, UnknownName
from normlab.norms.registered import registered

PLAIN = ("bn", "ln", "gn", "in", "ln-chw", "ln-c", "rms", "none")
GROUPS = re.compile(r"gn:(cpg=)?([1-9][0-9]*)")  # one spelling for each count


@dataclass(frozen=True)
class Name:
    """A norm's name, taken apart.

    Args:
        kind: one of `PLAIN`, or a name that a package has registered.
        groups, width: of `gn:G` and `gn:cpg=K`; None otherwise.
    """

    kind: str
    groups: int | None = None
    width: int | None = None

    def split(self, channels: int, layer: str) -> int | None:
        """Into how many groups it splits the channels of a layer, None where it does not say.

        Raises `GroupsError` where they cannot be split so.
        """
        if self.width is not None:
            if channels % self.width:
                raise GroupsError(layer, channels, f"gn:cpg={self.width}")
            return channels // self.width
        if self.groups is not None and channels % self.groups:
            raise GroupsError(layer, channels, f"gn:{self.groups}")
        return self.groups


def known() -> list[str]:
    """Every name, `gn:G` and `gn:cpg=K` standing for their families; those that packages register last."""
    return [*PLAIN, "gn:G", "gn:cpg=K", *(name for name in registered() if name not in PLAIN)]


def read(norm: str) -> Name:
    """A name taken apart.

    Raises:
        UnknownName: no norm is called so.
        SpecError: the part after `gn:` is not a positive number.
    """
    if not isinstance(norm, str):
        raise UnknownName("norm", repr(norm), known())
    if norm in PLAIN:
        return Name(norm)
    if norm.startswith("gn:"):
        return _grouped(norm)
    if norm in registered():
        return Name(norm)
    raise UnknownName("norm", norm, known())


def _grouped(norm: str) -> Name:
    match = GROUPS.fullmatch(norm)
    if match is None:
        raise SpecError(
            f"norm {norm!r}: expected gn:G (G groups) or gn:cpg=K (K channels a group), with a number of at least 1"
        )
    count = int(match[2])
    return Name("gn", width=count) if match[1] else Name("gn", groups=count)
