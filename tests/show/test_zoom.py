from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from normlab.show.zoom import window

values = st.lists(st.lists(st.floats(0, 100), min_size=1, max_size=6), min_size=1, max_size=4)


def test_early_epochs_lie_outside() -> None:
    """The first epochs of MNIST would hide all later differences."""
    shown = window({"bn": [[90.0, 97.0, 99.0, 99.2]]}, perfect=100)
    assert shown.cut
    assert 98.9 < shown.low < 99.0
    assert 99.2 < shown.high < 99.3


def test_an_arm_that_did_not_learn_lies_outside_and_is_named() -> None:
    """One arm at chance must not flatten the others."""
    shown = window({"bn": [[99.0, 99.2]], "none": [[11.35, 11.35]], "ln": [[99.1, 99.1]]}, perfect=100)
    assert shown.outside == ("none",)
    assert shown.low > 98


def test_a_loss_is_cut_above() -> None:
    """For a loss the early epochs are the high ones."""
    shown = window({"bn": [[0.9, 0.1, 0.05, 0.04]]}, perfect=0)
    assert shown.cut
    assert 0 < shown.low < 0.04
    assert 0.05 < shown.high < 0.1


def test_what_is_not_finite_is_left_out() -> None:
    """A loss that overflowed once does not stretch the axis."""
    assert window({"bn": [[math.inf, 0.2, 0.1, math.nan]]}, perfect=0).high < 0.3


@given(values)
def test_the_window_is_never_empty_and_keeps_late_epochs(curves: list[list[float]]) -> None:
    """The axis has a length, and the last epoch of every arm is inside or its arm is named."""
    arms = {str(index): [curve] for index, curve in enumerate(curves)}
    shown = window(arms, perfect=100)
    assert shown.low < shown.high
    for name, (curve,) in arms.items():
        assert name in shown.outside or shown.low <= curve[-1] <= shown.high


def test_an_axis_is_never_too_narrow_to_draw() -> None:
    """Losses next to zero still get an axis whose length can be divided by."""
    shown = window({"bn": [[2e-305, 1e-305]]}, perfect=0)
    assert shown.high - shown.low >= 1e-9


def test_a_run_that_did_not_learn_lies_outside_and_is_told() -> None:
    """One of three at chance flattens nothing, and its arm is shown by the others."""
    shown = window({"bn": [[99.0], [99.2], [9.8]], "ln": [[99.1], [99.1], [99.3]]}, perfect=100)
    assert shown.low > 98
    assert shown.left_out == "Too far off to be drawn: some of the runs of bn."
    assert window({"bn": [[100.0], [100.0], [99.8]]}, perfect=100).parted == ()


def test_an_estimate_that_is_better_than_perfect_is_inside() -> None:
    """An error that is debiased may come out below 0."""
    shown = window({"a": [[-0.1], [0.2]], "b": [[0.1], [0.3]]}, perfect=0)
    assert shown.low < -0.1
    assert shown.high > 0.3
    assert window({"a": [[0.1], [0.2]]}, perfect=0).low >= 0
