"""Norms as people write them: `BatchNorm`, `layer_norm`, `GN:4`, `group normalization`."""

from __future__ import annotations

import re

from normlab.norms.names import read

WORDS = {
    **dict.fromkeys(("bn", "batch"), "bn"),
    **dict.fromkeys(("ln", "layer"), "ln"),
    **dict.fromkeys(("gn", "group"), "gn"),
    **dict.fromkeys(("in", "instance"), "in"),
    "rms": "rms",
}
"""What is left of a spelling without case, signs and the word "norm", and the name it stands for."""
NORM = re.compile(r"norm(ali[sz]ation)?(2d)?$")


def spelled(norm: str) -> str:
    """The name that a spelling stands for, for instance `bn` for `BatchNorm2d` and `gn:4` for `GroupNorm:4`.

    A name that is no such spelling stays as it is. Raises `UnknownName` and `SpecError` as `names.read` does.
    """
    kind, colon, count = norm.strip().partition(":")
    stem = NORM.sub("", re.sub(r"[\s_-]", "", kind.lower()))
    name = f"{WORDS[stem]}{colon}{count.strip()}" if stem in WORDS else norm.strip()
    read(name)
    return name
