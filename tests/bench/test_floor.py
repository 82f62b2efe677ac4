from __future__ import annotations

import pytest
from torch import nn

from normlab.bench.floor import operations, peak
from normlab.models.course import course
from normlab.norms import resolve


def test_operations_are_counted_by_hand_for_a_small_network() -> None:
    """The first layer has no slopes of its input; every multiply-add is two operations."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.Flatten(), nn.Linear(2 * 2 * 2, 5))
    first, second = 2 * 2 * 2 * 9, 8 * 5
    assert operations(model, (1, 4, 4)) == 2 * (2 * first + 3 * second)


def test_the_courses_network_needs_what_its_study_says() -> None:
    """About 1.54 million multiply-adds forward, so about 0.55 TFLOP an epoch."""
    assert operations(course(resolve("none")), (1, 28, 28)) * 60_000 == pytest.approx(548e9, rel=0.01)


def test_the_peak_is_that_of_a_processor_of_our_time() -> None:
    """Between a slow laptop and twice the fastest core there is."""
    assert 5e9 < peak() < 1e12
