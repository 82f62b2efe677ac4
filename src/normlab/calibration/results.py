"""A calibration as text: what was promised, what came, and the interval that so many simulated studies leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from normlab.calibration.at_once import AtOnce
from normlab.calibration.calibrate import Calibration
from normlab.calibration.draws import ARMS
from normlab.calibration.foretold import TRUE_DIFFERENCES
from normlab.calibration.looked_at import LookedAt
from normlab.calibration.rates import Rate
from normlab.calibration.said import FIRST_LOOK
from normlab.calibration.settling import Taken
from normlab.calibration.wrong import Wrong
from normlab.stats.looks import Looks

HOLDS = 0.8
"""How often a range of seeds holds, as promised."""


def to_json(found: Calibration) -> str:
    """All of it."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def markdown(found: Calibration) -> str:
    """The figures as tables, with what they come from."""
    parts = _head, _at_once, _looked_at, _power, _settling, _in_flight, _foretold
    return "\n".join(line for part in parts for line in part(found)) + "\n"


def broken(found: Calibration) -> list[str]:
    """Promises that the figures speak against: a rate whose whole interval lies above what was promised."""
    wrong = [
        f"{what} {where} in {percent(one)} of studies"
        for where, wrong, allowed in _promises(found)
        for what, one in _claims(wrong)
        if one.low > allowed
    ]
    opened = [
        f"a settled pair opens again with {one.runs} runs at a time in {percent(one.in_order.opened)} of studies"
        for one in found.in_flight
        if one.in_order.opened.hits
    ]
    outside = [
        f"a range of seeds holds after {one.seeds} in {percent(rate)} of pairs"
        for one in found.foretold
        for rate in (one.all_inside, one.anew)
        if rate is not None and rate.high < HOLDS
    ]
    return [*wrong, *opened, *outside]


def percent(one: Rate) -> str:
    """For instance 3.9 % (3.5 to 4.3)."""
    return f"{100 * one.value:.1f} % ({100 * one.low:.1f} to {100 * one.high:.1f})"


def _promises(found: Calibration) -> Iterator[tuple[str, Wrong, float]]:
    """Where, how often studies are wrong there, and how often they may be."""
    for one in found.at_once:
        yield f"at {one.seeds} seeds", one.wrong, 1 - found.rules.confidence
    for study in found.looked_at:
        yield f"until settled ({_size(study)})", study.settled, 1 - found.rules.level
        yield f"after growth ({_size(study)})", study.grown, 1 - found.rules.level


def _claims(wrong: Wrong) -> Iterator[tuple[str, Rate]]:
    yield "a false winner", wrong.winner
    yield "a false difference", wrong.difference
    yield "a false equivalence", wrong.equivalence


def _head(found: Calibration) -> Iterator[str]:
    rules = found.rules
    yield (
        f"{found.studies:,} studies for each line, drawn from {found.runs} real runs ({found.source}; accuracy "
        f"{found.mean:.3f} ± {found.sd:.3f} %). Level {100 * rules.level:g} %, margin ±{rules.margin:g} points. In "
        "brackets the 95 % interval of each rate."
    )
    yield ""


def _at_once(found: Calibration) -> Iterator[str]:
    level, confidence = found.rules.level, found.rules.confidence
    yield (
        f"False claims of {ARMS} arms with a number of seeds that was fixed beforehand (promised: at most "
        f"{_percent(1 - confidence)} of each kind):"
    )
    yield ""
    yield (
        f"| seeds | better or worse | a difference at all | equivalent | interval holds ({_percent(confidence)}) "
        f"| wider than at {_percent(level)} | seeds and images ({_percent(1 - level)}) | McNemar, these runs |"
    )
    yield f"| --- |{' ---: |' * 7}"
    for one, images in zip(found.at_once, found.by_images, strict=True):
        cells = [*_cells(one.wrong), percent(one.covered), f"{100 * one.wider:.1f} %"]
        yield _row(str(one.seeds), *cells, percent(images.both), percent(images.mcnemar))
    yield ""


def _looked_at(found: Calibration) -> Iterator[str]:
    yield (
        f"False claims at any look, after every seed up to {found.most} (promised of the first two lines of each size: "
        f"at most {_percent(1 - found.rules.level)} of each kind):"
    )
    yield ""
    yield "| | better or worse | a difference at all | equivalent |"
    yield f"| --- |{' ---: |' * 3}"
    for study in found.looked_at:
        size = _size(study)
        yield _row(f"{size}, until settled", *_cells(study.settled))
        yield _row(f"{size}, a verdict on {FIRST_LOOK} seeds, then grown", *_cells(study.grown))
        yield _row(f"{size}, the same with all of the error both times", *_cells(study.unsplit))
        yield _row(f"{size}, tests for a fixed number at every look", *_cells(study.naive))
    yield ""


def _power(found: Calibration) -> Iterator[str]:
    points = [one.difference for one in found.at_once[0].power]
    yield "What is said of a pair whose first arm is better by so many points, in % (better / equivalent / worse):"
    yield ""
    yield _row("seeds", *(f"{point:g}" for point in points))
    yield f"| --- |{' ---: |' * len(points)}"
    for one in found.at_once:
        yield _row(str(one.seeds), *_said(one))
    yield ""


def _said(one: AtOnce) -> list[str]:
    return [
        " / ".join(f"{100 * said.value:.0f}" for said in (power.better, power.equivalent, power.worse))
        for power in one.power
    ]


def _settling(found: Calibration) -> Iterator[str]:
    yield f"How soon a pair of {ARMS} arms is settled, at most {found.most} seeds, by its true difference in points:"
    yield ""
    yield _row("", *(f"{one.difference:g}" for one in found.settling))
    yield f"| --- |{' ---: |' * len(found.settling)}"
    yield from _taken("until settled", [one.always for one in found.settling])
    yield from _taken(f"a verdict on {FIRST_LOOK} seeds, then grown", [one.grown for one in found.settling])


def _taken(how: str, taken: list[Taken]) -> Iterator[str]:
    yield _row(f"{how}: settled, %", *(f"{100 * one.settled.value:.0f}" for one in taken))
    yield _row(f"{how}: seeds taken, mean", *(f"{one.seeds:.1f}" for one in taken))


def _in_flight(found: Calibration) -> Iterator[str]:
    yield ""
    yield f"A settled pair of {ARMS} equal arms opens again while runs come in, so many at a time (promised: never):"
    yield ""
    yield "| at a time | seeds as they come | seeds taken, mean | seeds in their order | seeds taken, mean |"
    yield f"| --- |{' ---: |' * 4}"
    for one in found.in_flight:
        cells = [[percent(each.opened), f"{each.seeds:.1f}"] for each in (one.as_they_come, one.in_order)]
        yield _row(str(one.runs), *cells[0], *cells[1])


def _foretold(found: Calibration) -> Iterator[str]:
    yield ""
    yield (
        f"The seeds to add that are said to settle a pair that is open have the number that it took (promised: in "
        f"{100 * HOLDS:g} % of pairs), by its true difference in points; and so has what is said of a new study:"
    )
    yield ""
    points = [f"{point:g}" for point in TRUE_DIFFERENCES]
    yield _row("after", *points, "all", "settled by its upper end", "a new study")
    yield f"| --- |{' ---: |' * (len(points) + 3)}"
    for one in found.foretold:
        how = "until settled" if one.looks is Looks.always else "a number that was fixed"
        rates = [*one.inside, one.all_inside, one.enough, one.anew]
        yield _row(f"{one.seeds} seeds, {how}", *("–" if rate is None else percent(rate) for rate in rates))


def _cells(wrong: Wrong) -> list[str]:
    return [percent(one) for _, one in _claims(wrong)]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _size(study: LookedAt) -> str:
    return "1 pair" if study.pairs == 1 else f"{study.pairs} pairs"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
