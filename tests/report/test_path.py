from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import SHAPES, left
from rich.console import Console

from normlab.records import Comparison, RunRecord
from normlab.report import charts
from normlab.report.text import show
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

LAMBDAS = (1e-4, 1e-3, 1e-2)
ARMS = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in LAMBDAS)]
ERRORS = {"bn": 0.007, "bn + prox 0.0001": 0.0065, "bn + prox 0.001": 0.0075, "bn + prox 0.01": 0.05}
ZEROS = {"bn": 0.0, "bn + prox 0.0001": 0.1, "bn + prox 0.001": 0.5, "bn + prox 0.01": 0.9}


def sparse(run: RunRecord) -> RunRecord:
    """The run with a share of each kernel's weights exactly zero."""
    thinned = {}
    for name, value in run.weights.items():
        flat = value.ravel().copy()
        if value.ndim > 1:
            flat[: round(ZEROS[run.arm] * flat.size)] = 0
        thinned[name] = flat.reshape(value.shape)
    return left(run, thinned, *SHAPES)


@pytest.fixture
def walked(make: Make) -> Comparison:
    """A path of three λ, of which the first is best and the second 0.05 points below no penalty."""
    made = make(arms=ARMS, errors=ERRORS, seeds=3, images=10_000, holdout=10_000, warm_start=True)
    tested = {name: [99.0, 99.1, 99.2] for name in ERRORS}
    return replace(made, runs=[sparse(run) for run in made.runs], tested=tested)


@pytest.mark.slow
def test_the_choice_the_margin_and_the_test_are_told(walked: Comparison) -> None:
    """Each in a sentence, and the headline says how sparse."""
    view = build(walked)
    (path,) = view.facts.paths
    assert path.near is not None
    assert (path.choice.best.recipe.penalty.lam, path.near.lam) == (1e-4, 1e-3)
    told = " ".join(view.findings)
    assert "prox: the largest λ at most 0.1 points below no penalty on held-out images is 0.001" in told
    assert "50.0% of the weights exactly zero" in told
    assert "On test images, looked at once, bn + prox" in told
    assert "0.000 points (0.000 to 0.000, 95% t interval paired by seed)" in told
    assert "every layer still has weights at the largest λ, 0.01" in told
    assert view.headline == "Within 0.1 points of held-out accuracy, prox makes 50% of the weights exactly zero."


@pytest.mark.slow
def test_two_seeds_of_a_test_print_no_interval(walked: Comparison) -> None:
    """Where it reaches over 0 it says nothing."""
    view = build(replace(walked, tested={name: [99.0, 99.1 + len(name) / 100] for name in ERRORS}))
    assert " points, 2 seeds." in " ".join(view.findings)


def test_the_terminal_has_a_line_for_a_path(walked: Comparison) -> None:
    """The sentences are in the details."""
    file = io.StringIO()
    show(walked, Console(file=file, width=80))
    assert "prox: up to λ = 0.001, 50.0% of the weights exactly zero" in file.getvalue()
    assert "looked at once" not in file.getvalue()


def test_a_path_that_only_costs_is_told_so(walked: Comparison) -> None:
    """Where no λ stays near no penalty the headline promises nothing."""
    worse = [run if run.arm in ("bn", "bn + prox 0.01") else None for run in walked.runs]
    view = build(replace(walked, runs=[run for run in worse if run], tested={}))
    assert view.headline == "Every λ costs more than 0.1 points of held-out accuracy."
    assert view.facts.paths[0].tested is None


def test_one_seed_has_no_interval(walked: Comparison) -> None:
    """The difference on test images is told as that of one seed."""
    alone = [run for run in walked.runs if run.seed == 0]
    tested = {name: [99.0 if name == "bn" else 99.1] for name in ERRORS}
    told = " ".join(build(replace(walked, runs=alone, tested=tested)).findings)
    assert "no penalty 99.00%: +0.100 points, 1 seed." in told
    assert "interval" not in told


def test_an_arm_that_is_judged_on_test_images_is_no_path(make: Make) -> None:
    """Nothing is chosen there."""
    assert build(make(arms=ARMS, warm_start=True)).facts.paths == ()


@pytest.mark.slow
def test_charts_show_what_the_numbers_are(walked: Comparison) -> None:
    """Accuracy against λ and against zeros, single weights, and no panel for each of many arms."""
    names = [figure.name for figure in charts.figures(build(walked).facts)]
    assert names == ["path-lambda", "path-zeros", "path-weights-prox", "finals", "differences", "steps"]
    for figure in charts.figures(build(walked).facts)[:3]:
        figure.chart.to_dict(validate=True)
        assert figure.sentence


@pytest.mark.slow
def test_coefficients_are_those_of_the_first_seed(walked: Comparison) -> None:
    """One row for each point, at most eighty of one kernel."""
    (path,) = build(walked).facts.paths
    assert path.kernel in walked.runs[0].weights
    assert path.weights.shape[0] == 4
    assert path.weights.shape[1] <= 80
    first = next(run for run in walked.runs if run.arm == "bn" and run.seed == 0)
    step = -(-first.weights[path.kernel].size // 80)
    np.testing.assert_allclose(path.weights[0], first.weights[path.kernel].ravel()[::step])
