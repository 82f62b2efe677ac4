"""Norms as people write them: `nn.BatchNorm2d`, `layer_norm`, `GN-4`, `GroupNorm(4)`, `group normalization`."""

from __future__ import annotations

import re

from normlab.imports import entry_points

WORDS = {
    **dict.fromkeys(("bn", "batch"), "bn"),
    **dict.fromkeys(("ln", "layer"), "ln"),
    **dict.fromkeys(("gn", "group"), "gn"),
    **dict.fromkeys(("in", "instance"), "in"),
    "rms": "rms",
}
"""What is left of a spelling without case, signs and the word "norm", and the name it stands for."""
WRITTEN = re.compile(
    r"(torch\.)?(nn\.)?(?P<kind>.*?)([\s:(_-]*(num_groups=|groups=)?(?P<count>(cpg=)?\d+)\s*\)?)?", re.IGNORECASE
)
"""A kind, and how many groups it has."""
LONGEST = 100
"""Letters of a spelling; the pattern takes the square of them in time."""
NORM = re.compile(r"norm(ali[sz]ation)?(2d)?$")


def spelled(norm: str) -> str:
    """The name that a spelling stands for, for instance `bn` for `BatchNorm2d` and `gn:4` for `GroupNorm(4)`.

    A name that is no such spelling, or that an installed package has given to a norm of its own, stays as it is.
    """
    name = norm.strip()
    found = WRITTEN.fullmatch(name) if len(name) <= LONGEST else None
    stem = NORM.sub("", re.sub(r"[\s_-]", "", found["kind"].lower())) if found else ""
    if not found or stem not in WORDS or name in entry_points("normlab.norms"):
        return name
    return f"{WORDS[stem]}:{found['count']}" if found["count"] else WORDS[stem]
