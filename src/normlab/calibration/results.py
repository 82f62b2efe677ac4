"""A calibration as text: what was promised, what came, and the interval that so many simulated studies leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from normlab.calibration.at_once import AtOnce
from normlab.calibration.calibrate import Calibration
from normlab.calibration.draws import ARMS
from normlab.calibration.rates import Rate


def to_json(found: Calibration) -> str:
    """All of it."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def markdown(found: Calibration) -> str:
    """The figures as tables, with what they come from."""
    return "\n".join([*_head(found), *_false(found), *_power(found), *_settled(found)]) + "\n"


def broken(found: Calibration) -> list[str]:
    """Promises that the figures speak against: a rate whose whole interval lies above what was promised."""
    allowed = 1 - found.rules.level
    rates = [(f"a false difference at {one.seeds} seeds", one.false_difference) for one in found.at_once]
    rates += [(f"a false equivalence at {one.seeds} seeds", one.false_equivalence) for one in found.at_once]
    rates += [("a false difference until settled", found.until_settled.false_difference)]
    rates += [("a false equivalence until settled", found.until_settled.false_equivalence)]
    return [f"{what} in {percent(one)} of studies" for what, one in rates if one.low > allowed]


def percent(one: Rate) -> str:
    """For instance 3.9 % (3.5 to 4.3)."""
    return f"{100 * one.value:.1f} % ({100 * one.low:.1f} to {100 * one.high:.1f})"


def _head(found: Calibration) -> Iterator[str]:
    rules = found.rules
    yield (
        f"{found.studies:,} studies of {ARMS} arms for each line, drawn from {found.runs} real runs ({found.source}; "
        f"accuracy {found.mean:.3f} ± {found.sd:.3f} %). Level {100 * rules.level:g} %, margin ±{rules.margin:g} "
        "points. In brackets the 95 % interval of each rate."
    )
    yield ""


def _false(found: Calibration) -> Iterator[str]:
    allowed = f"{100 * (1 - found.rules.level):.0f} %"
    yield (
        f"| seeds | false better or worse (promised: at most {allowed}) | false equivalent (at most {allowed}) "
        f"| interval holds ({100 * found.rules.level:.0f} %) | seeds and images ({allowed}) | McNemar, these runs |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for one, images in zip(found.at_once, found.by_images, strict=True):
        cells = one.false_difference, one.false_equivalence, one.covered, images.both, images.mcnemar
        yield f"| {one.seeds} | {' | '.join(percent(cell) for cell in cells)} |"
    settled = found.until_settled
    yield (
        f"| until settled, at most {settled.seeds} | {percent(settled.false_difference)} "
        f"| {percent(settled.false_equivalence)} | | | |"
    )
    yield f"| the same with t tests after every seed | {percent(settled.peeking)} | | | | |"
    yield ""


def _power(found: Calibration) -> Iterator[str]:
    points = [one.difference for one in found.at_once[0].power]
    yield "What is said of a pair whose first arm is better by so many points, in % (better / equivalent / worse):"
    yield ""
    yield f"| seeds | {' | '.join(f'{point:g}' for point in points)} |"
    yield f"| --- |{' ---: |' * len(points)}"
    for one in found.at_once:
        yield f"| {one.seeds} | {' | '.join(_said(one))} |"
    yield ""


def _said(one: AtOnce) -> list[str]:
    return [
        " / ".join(f"{100 * said.value:.0f}" for said in (power.better, power.equivalent, power.worse))
        for power in one.power
    ]


def _settled(found: Calibration) -> Iterator[str]:
    taken = found.until_settled.taken
    yield f"How soon a pair is settled, at most {found.until_settled.seeds} seeds, by its true difference in points:"
    yield ""
    yield f"| | {' | '.join(f'{one.difference:g}' for one in taken)} |"
    yield f"| --- |{' ---: |' * len(taken)}"
    yield f"| settled, % | {' | '.join(f'{100 * one.settled.value:.0f}' for one in taken)} |"
    yield f"| seeds taken, mean | {' | '.join(f'{one.seeds:.1f}' for one in taken)} |"
