"""Whether the norms are well, and the signal behind them: told where something is wrong, and not otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.flow import Ill, Trouble
from normlab.analysis.health import Health
from normlab.show.numbers import estimate, fixed, percent, rough, signed
from normlab.stats.verdict import Kind

GAP = 1.0
"""Points between the two kinds of statistics, on the same training images, from which it is told."""
OTHERWISE = 0.1
"""The share of images, at most, that other statistics of nothing make right or wrong by chance: twice the standard
deviation of what is left of them on balance is no gap."""
SAYS = {Kind.open: "not enough evidence", Kind.equivalent: "no difference that matters"}
IDLE = 0.25
"""The share of groups of channels that never vary from which it is told."""
MEASURED = {
    Trouble.large: "{value} on average",
    Trouble.small: "{value} on average",
    Trouble.steep: "a change of 0.1% there changes a loss by {thousandth}",
    Trouble.flat: "{value} of those of the layer with the largest",
}


def sentences(facts: Facts) -> Iterator[str]:
    """Running statistics that cost accuracy, or may; channels that never vary; signals that explode or vanish."""
    for row in facts.health:
        if row.verdict and row.verdict.kind in (Kind.better, Kind.worse):
            yield _costs(row, facts.judged_on)
        elif _is_wide(row):
            yield _gap(row)
        if row.idle.mean >= IDLE:
            yield f"{row.arm.name}: {percent(100 * row.idle.mean)} of its groups of channels never vary in the end."
    yield from map(_ill, facts.flow)


def _is_wide(row: Health) -> bool:
    """Whether the two kinds of statistics are further apart than `GAP`, and than chance would have them."""
    if row.gap is None or row.verdict is None:
        return False
    runs = len(row.gap.values)
    found = (row.gap.mean, row.trained), (row.verdict.mean or 0.0, row.images)
    return any(abs(points) >= max(GAP, 200 * math.sqrt(OTHERWISE / (images * runs))) for points, images in found)


def _costs(row: Health, judged_on: str) -> str:
    assert row.verdict and row.verdict.interval and row.recalibrated  # noqa: S101, PT018 - it is settled
    mean, interval = row.verdict.mean or 0.0, row.verdict.interval
    change = "costs" if mean > 0 else "gains"
    return (
        f"{row.arm.name}: judging with running statistics {change} {fixed(abs(mean), 2)} points. Estimated again on "
        f"training images, for the same weights, {estimate(row.recalibrated)}% of {row.images:,} {judged_on} images "
        f"are right ({signed(interval.low)} to {signed(interval.high)} points)."
    )


def _gap(row: Health) -> str:
    assert row.gap and row.verdict  # noqa: S101, PT018 - it has running statistics
    more = "more" if row.gap.mean > 0 else "fewer"
    return (
        f"{row.arm.name}: {fixed(abs(row.gap.mean), 1)} points {more} of the same training images are right by "
        f"their batches' statistics than by running ones, which lie {fixed(row.drift, 2)} standard deviations apart in "
        f"{row.where}. Estimated again, running statistics change evaluation accuracy by "
        f"{signed(row.verdict.mean or 0.0)} points on {row.images:,} images: {SAYS[row.verdict.kind]}."
    )


def _ill(ill: Ill) -> str:
    measured = MEASURED[ill.trouble].format(value=rough(ill.value), thousandth=rough(ill.value / 1000))
    where = "" if ill.runs == ill.of else f" in {ill.runs} of {ill.of} runs"
    return f"{ill.arm.name}: {ill.trouble} in layer {ill.layer}{where}, since epoch {ill.epoch} ({measured})."
