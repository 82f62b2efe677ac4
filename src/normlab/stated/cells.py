"""What stands beside the scores of arms, made comparable."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

Made = Mapping[str, Mapping[str, Sequence[str]]]
"""Of each arm by its name: the cells of its rows by the heads of their columns."""
NAMED = 3
"""Arms, or levels, that are named at most."""
LONGEST = 40
"""Letters of a cell that are told."""


def plain(text: str) -> str:
    """Small letters, and a blank where words are set apart in any way."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[\s_./-]+", " ", apart.lower()).strip()


def level(cell: str) -> str:
    """A cell as a level: 0.10, 1e-1 and 0.1 are one."""
    try:
        value = float(cell)
    except ValueError:
        return plain(cell)
    return f"{value:g}" if math.isfinite(value) else cell


def few(items: Iterable[str]) -> str:
    """Some things in a row, of many the first ones."""
    told = [item[:LONGEST] for item in items]
    return ", ".join([*told[:NAMED], *(["…"] if len(told) > NAMED else [])])
