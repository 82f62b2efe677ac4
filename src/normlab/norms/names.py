"""The names of norms: `bn`, `ln`, `gn`, `gn:4`, `gn:cpg=8`, `in`, …, `ws+gn:4`, `none`.

bn             batch norm
ln             layer norm = GroupNorm(1, C), the course's meaning
gn             group norm with the groups that the model's author chose for each slot
gn:4           group norm with 4 groups
gn:cpg=8       group norm with 8 channels per group
in             instance norm
ln-chw         layer norm with an affine value per element
ln-c           layer norm over channels only
rms            RMS norm
gbn:4          ghost batch norm, the statistics of 4 images at a time
brn            batch renormalization
brn:4          batch renormalization that is batch norm for its first 4 steps
frn            filter response norm with its thresholded linear unit
dyt            dynamic tanh
evonorm-s0     EvoNorm-S0 with the groups that the model's author chose for each slot
evonorm-s0:4   EvoNorm-S0 with 4 groups
ws+gn:4        any norm behind standardized kernels, here group norm with 4 groups
none           no norm

Reading a name needs no PyTorch; `registry` has the layers behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from normlab.errors import GroupsError, SpecError, UnknownName
from normlab.norms.registered import registered
from normlab.spec.problems import short

PLAIN = ("bn", "ln", "gn", "in", "ln-chw", "ln-c", "rms", "brn", "frn", "dyt", "evonorm-s0", "none")
COUNTED = {
    "gn": "gn:G (G groups) or gn:cpg=K (K channels a group)",
    "gbn": "gbn:N (N images that share statistics)",
    "brn": "brn:W (W steps as batch norm)",
    "evonorm-s0": "evonorm-s0:G (G groups)",
}
"""The norms that take a number, and how they are written."""
COUNT = re.compile(r"[1-9][0-9]{0,8}")  # one spelling for each count, and none that no network has
STANDARDIZED = "ws+"


@dataclass(frozen=True)
class Name:
    """A norm's name, taken apart.

    Args:
        kind: one of `PLAIN` or `COUNTED`, or a name that a package has registered.
        groups: of `gn:G` and `evonorm-s0:G`; None otherwise, as are the others.
        width: of `gn:cpg=K`.
        images: of `gbn:N`.
        steps: of `brn:W`.
        standardized: whether `ws+` stands before it: kernels that feed it are standardized.
    """

    kind: str
    groups: int | None = None
    width: int | None = None
    images: int | None = None
    steps: int | None = None
    standardized: bool = False

    @property
    def pointwise(self) -> bool:
        """Whether it looks at each value by itself, and works out no statistics."""
        return self.kind in ("none", "dyt")

    @property
    def root_mean_square(self) -> bool:
        """Whether it divides by a root mean square, and takes no mean away."""
        return self.kind in ("rms", "frn")

    @property
    def over_images(self) -> bool:
        """Whether images share its statistics in training, so that it keeps others for later."""
        return self.kind in ("bn", "brn", "gbn")

    @property
    def over_groups(self) -> bool:
        """Whether it splits channels into groups: as many as it says, or as the model's author chose."""
        return self.kind in ("gn", "evonorm-s0")

    def split(self, channels: int, layer: str) -> int | None:
        """Into how many groups it splits the channels of a layer, None where it does not say.

        Raises `GroupsError` where they cannot be split so.
        """
        if self.width is not None:
            if channels % self.width:
                raise GroupsError(layer, channels, f"gn:cpg={self.width}")
            return channels // self.width
        if self.groups is not None and channels % self.groups:
            raise GroupsError(layer, channels, f"{self.kind}:{self.groups}")
        return self.groups


def known() -> list[str]:
    """Every name, `gn:G` and its like standing for their families; those that packages register last."""
    families = ("gn:G", "gn:cpg=K", "gbn:N", "brn:W", "evonorm-s0:G", "ws+gn:G")
    return [*PLAIN, *families, *(name for name in registered() if name not in PLAIN)]


def read(norm: str) -> Name:
    """A name taken apart.

    Raises:
        UnknownName: no norm is called so.
        SpecError: the part after `:` is not a positive number, or no norm stands behind `ws+`.
    """
    if not isinstance(norm, str):
        raise UnknownName("norm", repr(norm), known())
    if norm.startswith(STANDARDIZED):
        return _standardized(norm)
    if norm in PLAIN:
        return Name(norm)
    kind, _, count = norm.partition(":")
    if kind in COUNTED:
        return _counted(norm, kind, count)
    if norm in registered():
        return Name(norm)
    raise UnknownName("norm", norm, known())


def _standardized(norm: str) -> Name:
    behind = norm.removeprefix(STANDARDIZED)
    if behind == "none" or behind.startswith(STANDARDIZED):
        raise SpecError(f"norm {short(norm)}: expected ws+ once, before a norm that divides, such as ws+gn:4")
    return replace(read(behind), standardized=True)


def _counted(norm: str, kind: str, count: str) -> Name:
    a_group = kind == "gn" and count.startswith("cpg=")
    if not COUNT.fullmatch(count.removeprefix("cpg=") if a_group else count):
        raise SpecError(f"norm {short(norm)}: expected {COUNTED[kind]}, with a number of at least 1")
    if a_group:
        return Name(kind, width=int(count.removeprefix("cpg=")))
    number = int(count)
    named = {"gbn": Name(kind, images=number), "brn": Name(kind, steps=number)}
    return named.get(kind, Name(kind, groups=number))
