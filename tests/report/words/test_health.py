from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from normlab.records import Checkup, Comparison, Flow
from normlab.report.tables import table
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

WELL = Checkup(500, 480, 481, 1000, 950, 950, 0.05, "norm2", 40, 0)
FIVE = ((700, 80), (710, 82), (690, 79), (705, 80), (695, 81))
PLAIN = Checkup(0, 0, 0, 0, 0, 0, 0.0, "", 8, 0)


def seen(make: Make, *bn: Checkup, ln: Checkup = PLAIN) -> Comparison:
    """Batch and layer norm on as many seeds as there are checkups of batch norm."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=len(bn))
    checkups = {run.key: bn[run.seed] if run.arm == "bn" else ln for run in comparison.runs}
    return replace(comparison, checkups=checkups)


def told(comparison: Comparison) -> tuple[str, ...]:
    """The sentences of the chapter."""
    chapters = {chapter.heading: chapter.sentences for chapter in build(comparison).chapters}
    return chapters.get("Are the norms well?", ())


def test_norms_that_are_well_are_not_mentioned(make: Make) -> None:
    """Nothing is said where nothing is wrong, nor where nobody looked."""
    assert told(seen(make, WELL, WELL, WELL)) == ()
    assert told(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=2)) == ()


def test_running_statistics_that_cost_accuracy_on_every_seed_are_told(make: Make) -> None:
    """With the points, and what the same weights would get."""
    ill = [replace(WELL, right=right, recalibrated=right + more) for right, more in FIVE]
    (sentence,) = told(seen(make, *ill))
    assert sentence.startswith("bn: judging with running statistics costs 8.04 points. Estimated again on training")
    assert "78.04" in sentence


def test_a_gap_that_settles_nothing_is_told_as_such(make: Make) -> None:
    """Other statistics, and no verdict on what they cost."""
    wide = replace(WELL, running=430, batch=480, drift=0.4)
    (sentence,) = told(seen(make, wide, replace(wide, recalibrated=960)))
    assert sentence.startswith(
        "bn: 10.0 points more of the same training images are right by their batches' statistics"
    )
    assert "0.40 standard deviations apart in norm2" in sentence
    assert "not enough evidence" in sentence


def test_a_gap_that_may_be_chance_is_none(make: Make) -> None:
    """Nine of 500 images on one seed are as good as nothing, on nine seeds they are something."""
    near = replace(WELL, batch=489)
    assert told(seen(make, near)) == ()
    assert len(told(seen(make, *[near] * 9))) == 1


def test_channels_that_never_vary_are_told_of_any_norm(make: Make) -> None:
    """A quarter of them and more."""
    assert told(seen(make, WELL, WELL, ln=replace(PLAIN, idle=2))) == (
        "ln: 25.00% of its groups of channels never vary in the end.",
    )


def test_the_json_has_it_in_any_case(make: Make) -> None:
    """Null where there are no running statistics."""
    bn, ln = json.loads(table(seen(make, WELL, WELL), "json"))["health"]
    assert (bn["gap_mean"], bn["recalibrated_accuracy_mean"], bn["layer"]) == (0.2, 95.0, "norm2")
    assert (ln["gap_mean"], ln["verdict"], ln["idle_mean"]) == (None, None, 0.0)


def flowing(make: Make, *looks: tuple[float, float, float, float]) -> Comparison:
    """Batch norm beside layer norm, of which two layers were seen with these activations and pulls at each look."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=2)
    flow = [
        Flow(10 * number, layer, *values)
        for number, look in enumerate(looks, start=1)
        for layer, values in (("first", look[:2]), ("last", look[2:]))
    ]
    runs = [replace(run, flow=flow if run.arm == "ln" else ()) for run in comparison.runs]
    return replace(comparison, runs=runs)


WELL_FLOWING = (1.0, 0.5, 2.0, 1.0)


def test_signals_that_flow_are_not_mentioned(make: Make) -> None:
    """Nor those that exploded for a while and no longer do, nor a loss of 0, at which nothing has a gradient."""
    assert told(flowing(make, WELL_FLOWING)) == ()
    assert told(flowing(make, (1e5, 1e4, 1.0, 1.0), WELL_FLOWING)) == ()
    assert told(flowing(make, (1.0, 0.0, 1.0, 0.0))) == ()


def test_a_signal_that_explodes_or_vanishes_is_told_with_its_layer_and_since_when(make: Make) -> None:
    """Activations by their size, gradients by what they do."""
    inf = float("inf")
    assert told(flowing(make, WELL_FLOWING, (1e5, 0.5, 2.0, 1.0), (3e6, 0.5, 2.0, 1.0))) == (
        "ln: activations explode in layer first, since epoch 20 (3 × 10⁶ on average).",
    )
    assert told(flowing(make, (1.0, 0.5, 2.5e-5, 1.0))) == (
        "ln: activations vanish in layer last, since epoch 10 (2.5 × 10⁻⁵ on average).",
    )
    assert told(flowing(make, (1.0, 2000.0, 1.0, 1.0))) == (
        "ln: gradients explode in layer first, since epoch 10 (a change of 0.1% there changes a loss by 2.0).",
    )
    assert told(flowing(make, (1.0, 1e-6, 1.0, 0.5))) == (
        "ln: gradients vanish in layer first, since epoch 10 (2 × 10⁻⁶ of those of the layer with the largest).",
    )
    assert told(flowing(make, (inf, inf, inf, inf))) == (
        "ln: activations explode in layer first, since epoch 10 (∞ on average).",
        "ln: gradients explode in layer first, since epoch 10 (a change of 0.1% there changes a loss by ∞).",
    )


def test_a_trouble_of_few_runs_is_none_of_the_arm(make: Make) -> None:
    """Half of them at least have it in the end."""
    ill = flowing(make, (1e5, 0.5, 2.0, 1.0))
    runs = [replace(run, flow=[Flow(10, "first", 1.0, 1.0)]) if run.seed == 1 else run for run in ill.runs]
    assert told(replace(ill, runs=runs)) == (
        "ln: activations explode in layer first in 1 of 2 runs, since epoch 10 (100,000 on average).",
    )
    three = make(arms=[{"norm": "bn"}], seeds=3)
    found = [replace(run, flow=[Flow(10, "first", 1e5 if run.seed == 1 else 1.0, 1.0)]) for run in three.runs]
    assert told(replace(three, runs=found)) == ()


def test_the_json_has_every_look(make: Make) -> None:
    """Beside the epochs of its run, null for what is no number; and what is wrong with whole arms."""
    found = json.loads(table(flowing(make, (float("inf"), 0.5, 2.0, 1.0)), "json"))
    run = next(run for run in found["runs"] if run["arm"] == "ln")
    assert run["flow"] == [
        {"epoch": 10, "layer": "first", "activation": None, "pull": 0.5},
        {"epoch": 10, "layer": "last", "activation": 2.0, "pull": 1.0},
    ]
    assert [(ill["arm"], ill["trouble"], ill["layer"], ill["value"]) for ill in found["flow"]] == [
        ("ln", "activations explode", "first", None)
    ]
