from __future__ import annotations

import math

import pytest

from normlab.show.sparkline import MOST, sparkline


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ([], ""),
        ([3.0], ""),
        ([0.0, 1.0], "▁█"),
        ([5.0, 5.0, 5.0], "▁▁▁"),
        ([0.0, math.nan, 7.0], "▁ █"),
        ([math.inf, -math.inf], ""),
    ],
)
def test_a_curve_lies_between_its_ends(values: list[float], seen: str) -> None:
    """Lowest and highest have the lowest and highest bar, what is no number a gap."""
    assert sparkline(values) == seen


def test_of_a_long_curve_the_end_is_seen() -> None:
    """As many letters as there is room for."""
    assert sparkline([*range(100)]) == sparkline([*range(100 - MOST, 100)])
    assert len(sparkline([*range(100)])) == MOST
