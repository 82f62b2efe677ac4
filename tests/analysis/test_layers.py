from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import left

from normlab.analysis.layers import layers

if TYPE_CHECKING:
    from comparisons import Make

PAIR = [{"norm": "bn"}, {"norm": "bn", "penalty": {"kind": "prox", "lambda": 1e-3}}]


def test_zeros_near_zeros_and_dead_channels_apart(make: Make) -> None:
    """Of three channels one is dead, of six weights three are zero and four below 0.001; one γ of two is zero."""
    made = make(arms=PAIR, seeds=1)
    kernel = np.array([[0.0, 0.0], [0.0, 5e-4], [1.0, -1.0]])
    weights = {"a.weight": kernel, "norm.weight": np.array([0.0, 1.0]), "a.bias": np.zeros(3)}
    (found,) = layers(replace(made, runs=[left(run, weights, "a.weight") for run in made.runs]))
    (row,) = found.kernels
    assert (row.kernel, row.weights, row.channels) == ("a.weight", 6, 3)
    assert (row.zero.mean, row.near_zero.mean, row.dead.mean) == (50, pytest.approx(100 * 4 / 6), 1)
    assert (found.idle_scales.mean if found.idle_scales else None, found.scales) == (1, 2)
    assert found.zeros


def test_arms_without_a_penalty_have_no_such_table(make: Make) -> None:
    """Nothing is to be seen there."""
    assert [one.arm.name for one in layers(make(arms=PAIR))] == ["bn + prox 0.001"]
    assert layers(make(arms=[{"norm": "bn"}])) == ()
