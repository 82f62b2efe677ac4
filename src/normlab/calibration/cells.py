"""Figures and rows of the tables that a calibration is told in."""

from __future__ import annotations

from normlab.calibration.rates import Rate


def percent(one: Rate) -> str:
    """For instance 3.9 % (3.5 to 4.3)."""
    return f"{100 * one.value:.1f} % ({100 * one.low:.1f} to {100 * one.high:.1f})"


def share(value: float) -> str:
    """For instance 4.5 %."""
    return f"{100 * value:g} %"


def row(*cells: str) -> str:
    """Of a Markdown table."""
    return f"| {' | '.join(cells)} |"
