"""The figure of the course study: its numbers, and those that it leaves blank."""

from __future__ import annotations

import numpy as np
import pytest

from normlab.explanation import explain


def test_batch_norm_has_the_means_and_variances_of_the_figure() -> None:
    """One mean and one biased variance a channel."""
    worked = explain("bn").worked
    assert worked.centre.tolist() == [3.25, 2.625, 0.375]
    assert worked.spread.tolist() == [1.4375, 5.984375, 0.984375]


@pytest.mark.parametrize("norm", ["ln", "gn:1"])
def test_layer_norm_has_the_means_and_variances_of_the_figure(norm: str) -> None:
    """One mean and one biased variance an image."""
    worked = explain(norm).worked
    assert worked.centre == pytest.approx([2.416667, 1.75], abs=5e-7)
    assert worked.spread == pytest.approx([5.243056, 3.1875], abs=5e-7)


@pytest.mark.parametrize("norm", ["in", "gn:3", "gn:cpg=1"])
def test_the_rows_that_the_figure_leaves_blank_are_instance_norm(norm: str) -> None:
    """With three channels three groups are one channel each: a mean and a variance for each channel of each image."""
    worked = explain(norm).worked
    assert worked.centre.tolist() == [4, 2.5, 0.75, 2.5, 2.75, 0]
    assert worked.spread.tolist() == [0.5, 8.75, 1.1875, 1.25, 3.1875, 0.5]


def test_the_formula_takes_the_mean_away() -> None:
    """Without that step, which the course's formula forgets, a channel's mean would not be 0."""
    worked = explain("bn").worked
    assert worked.normalized.mean((0, 2, 3)) == pytest.approx(0, abs=1e-15)
    assert (worked.x / np.sqrt(worked.spread + 1e-5)[worked.sets]).mean((0, 2, 3)).min() > 0.3


def test_layer_norm_has_as_many_parameters_as_batch_norm() -> None:
    """So "fewer parameters" cannot explain what layer norm does here."""
    counts = {norm: explain(norm).worked.gamma.size + explain(norm).worked.beta.size for norm in ("bn", "ln", "gn:3")}
    assert counts == {"bn": 6, "ln": 6, "gn:3": 6}


def test_eval_mode_uses_what_the_batch_left_behind() -> None:
    """Running averages from 0 and 1, momentum 0.1, and the unbiased variance."""
    running = explain("bn").running
    assert running is not None
    assert running.mean == pytest.approx([0.325, 0.2625, 0.0375])
    assert running.variance == pytest.approx(0.9 + 0.1 * np.array([1.4375, 5.984375, 0.984375]) * 8 / 7)
