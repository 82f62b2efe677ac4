"""How numbers are written for people. What is not defined is a dash, never NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normlab.analysis.arms import Estimate

MISSING = "–"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def fixed(value: float | None, digits: int = 2) -> str:
    """A number with `digits` decimals, for instance 99.31 or −0.04."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _without_minus_zero(f"{value:,.{digits}f}").replace("-", "−")


def rough(value: float) -> str:
    """A number of any size in two digits, for instance 0.031, 4,200 or 2.5 × 10⁻⁶; what is too large is ∞."""
    if math.isinf(value):
        return "∞"
    digits, exponent = f"{value:.1e}".split("e")
    if -4 <= int(exponent) < 6 or not value:
        return fixed(float(f"{digits}e{exponent}"), max(0, 1 - int(exponent)))
    return f"{digits.removesuffix('.0')} × 10{str(int(exponent)).translate(RAISED)}"


def signed(value: float | None, digits: int = 3) -> str:
    """A difference with its sign, for instance +0.031."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = fixed(value, digits)
    return text if text.startswith("−") or not float(text.replace(",", "")) else f"+{text}"


def percent(value: float | None, digits: int = 2) -> str:
    """A number of percent, for instance 99.31%."""
    text = fixed(value, digits)
    return text if text == MISSING else f"{text}%"


def chance(value: float | None) -> str:
    """A p-value, for instance 0.031 or < 0.001."""
    if value is None or not math.isfinite(value):
        return MISSING
    return "< 0.001" if value < 0.001 else fixed(value, 3)


def share(value: float) -> str:
    """A probability in whole percent, never a certainty it is not: 97%, < 1% or > 99%."""
    if 0 < value < 0.005:
        return "< 1%"
    return "> 99%" if 0.995 <= value < 1 else f"{100 * value:.0f}%"


def estimate(value: Estimate | None, digits: int = 2) -> str:
    """Mean ± sample standard deviation over seeds; the mean alone for one seed."""
    if value is None:
        return MISSING
    spread = f" ± {fixed(value.sd, digits)}" if value.sd is not None else ""
    return fixed(value.mean, digits) + spread


def plural(count: int, noun: str) -> str:
    """A count with its noun, for instance 1 seed or 3 seeds."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listing(parts: Sequence[str]) -> str:
    """Words in a row, for instance bn, ln and gn:4."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def span(values: Sequence[int]) -> str:
    """The range of some whole numbers, for instance 4 or 3–5."""
    if not values:
        return MISSING
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}–{high}"


def between(values: Sequence[float], digits: int = 2) -> str:
    """The range of some numbers, for instance 0.01 to 0.04; one number where they are written alike."""
    low, high = fixed(min(values), digits), fixed(max(values), digits)
    return low if low == high else f"{low} to {high}"


def times(ratio: float) -> str:
    """A ratio in three digits, for instance 1.04 ×, 12.3 × or 250 ×."""
    digits = 2 if ratio < 10 else 1 if ratio < 100 else 0
    return f"{fixed(ratio, digits)} ×"


def duration(seconds: float) -> str:
    """Wall time in the two units that matter, for instance 8.3 s, 12 min 5 s or 3 h 20 min."""
    if round(seconds, 1) < 60:
        return f"{fixed(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def roughly(seconds: float) -> str:
    """Wall time that is only estimated, in one unit or two, for instance 8 s, 12 min or 3 h 20 min."""
    if round(seconds) < 60:
        return f"{max(1, round(seconds))} s"
    return duration(60 * round(seconds / 60)).removesuffix(" 0 s")


def _without_minus_zero(text: str) -> str:
    return text.removeprefix("-") if not float(text.replace(",", "")) else text
