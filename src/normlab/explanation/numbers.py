"""How numbers are written in arithmetic: to six decimals, no idle zeros, a real minus sign."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

LISTED = 12
"""Values of a sum that are written out; of longer ones the first and the last are."""


def number(value: float) -> str:
    """For instance `5.984375`, `2.416667`, `−0.5`, `1e−09`."""
    plain = not value or 1e-4 <= abs(value) < 1e7
    text = f"{value:.6f}".rstrip("0").rstrip(".") if plain else f"{value:.6g}"
    return ("0" if text == "-0" else text).replace("-", "−")


def digits(value: float) -> str:
    """All of a small number's digits: `0.00001`."""
    return np.format_float_positional(value, trim="-")


def bracketed(value: float) -> str:
    """A number as it stands behind a sign: negative ones in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def shifted(value: float) -> str:
    """`+ 3` or `− 3`, as it stands behind another number."""
    return f"{'−' if value < 0 else '+'} {number(abs(value))}"


def total(terms: Iterable[str], joint: str = " + ") -> str:
    """Terms of a sum, the middle of a long one left out."""
    every = list(terms)
    if len(every) > LISTED:
        every = [*every[: LISTED - 2], "…", every[-1]]
    return joint.join(every)
