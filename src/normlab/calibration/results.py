"""A calibration as text: what was promised, what came, and the interval that so many simulated studies leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from normlab.calibration import collapse_results, over_data_results
from normlab.calibration.at_once import AtOnce
from normlab.calibration.calibrate import Calibration
from normlab.calibration.cells import percent, row, share
from normlab.calibration.draws import ARMS
from normlab.calibration.few_errors import SEEDS as FEW_SEEDS
from normlab.calibration.foretold import TRUE_DIFFERENCES
from normlab.calibration.looked_at import LookedAt
from normlab.calibration.other_images import Kind
from normlab.calibration.racing import ARMS as MANY
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
    parts = (_head, _at_once, _elsewhere, _looked_at, _power, _settling, _in_flight, _foretold, _racing, _few_errors)
    low = collapse_results.lines(found.collapses, found.collapses_looked_at, found.most, found.rules)
    over = over_data_results.lines(found.over_data, found.rules)
    return "\n".join([*(line for part in parts for line in part(found)), *over, *low]).rstrip() + "\n"


def broken(found: Calibration) -> list[str]:
    """Promises that the figures speak against: a rate whose whole interval lies above what was promised."""
    told = [
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
    missed = [
        f"the interval on other images holds at {one.seeds} seeds ({_kind(one.kind)}) in {percent(one.others)} of pairs"
        for one in found.other_images
        if one.others.high < found.rules.level
    ]
    raced = [
        f"an arm that none is better than falls out of a race (steps of {one.step:g}) in {percent(one.race.wrong)}"
        for one in found.racing
        if one.race.wrong.low > 1 - found.rules.level
    ]
    few = [
        f"a false equivalence at {seeds} seeds of arms with {one.errors:g} errors in {percent(wrong)} of pairs"
        for one in found.few_errors
        for seeds, wrong in zip(FEW_SEEDS, one.after, strict=True)
        if one.times == 1 and wrong.low > 1 - found.rules.confidence
    ]
    low = collapse_results.broken(found.collapses, found.collapses_looked_at, found.rules)
    over = over_data_results.broken(found.over_data, found.rules)
    return [*told, *opened, *outside, *missed, *raced, *few, *over, *low]


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
        f"{share(1 - confidence)} of each kind):"
    )
    yield ""
    yield (
        f"| seeds | better or worse | a difference at all | equivalent | interval holds ({share(confidence)}) "
        f"| wider than at {share(level)} | seeds and images ({share(1 - level)}) | McNemar, these runs |"
    )
    yield f"| --- |{' ---: |' * 7}"
    for one, images in zip(found.at_once, found.by_images, strict=True):
        cells = [*_cells(one.wrong), percent(one.covered), f"{100 * one.wider:.1f} %"]
        yield row(str(one.seeds), *cells, percent(images.both), percent(images.mcnemar))
    yield ""


def _elsewhere(found: Calibration) -> Iterator[str]:
    level = share(found.rules.level)
    yield (
        "How often an interval of a single pair has the true difference where the test images are drawn anew for each "
        f"study as well as the seeds (promised of the last but one: at least {level}):"
    )
    yield ""
    yield f"| seeds | images | on these images ({level}) | on other images ({level}) | wider by |"
    yield f"| --- | --- |{' ---: |' * 3}"
    for one in found.other_images:
        yield row(str(one.seeds), _kind(one.kind), percent(one.these), percent(one.others), f"{100 * one.wider:.0f} %")
    yield ""


def _kind(kind: Kind) -> str:
    """Of which images the arms of a pair miss how many."""
    if not kind.apart:
        return "hard for both arms alike"
    lead = (
        "each hard for an arm of its own"
        if kind.apart == 1
        else f"{share(kind.apart)} of them hard for an arm of its own"
    )
    return lead if kind.times == 1 else f"{lead}, twice as often for one"


def _looked_at(found: Calibration) -> Iterator[str]:
    yield (
        f"False claims at any look, after every seed up to {found.most} (promised of the first two lines of each size: "
        f"at most {share(1 - found.rules.level)} of each kind):"
    )
    yield ""
    yield "| | better or worse | a difference at all | equivalent |"
    yield f"| --- |{' ---: |' * 3}"
    for study in found.looked_at:
        size = _size(study)
        yield row(f"{size}, until settled", *_cells(study.settled))
        yield row(f"{size}, a verdict on {FIRST_LOOK} seeds, then grown", *_cells(study.grown))
        yield row(f"{size}, the same with all of the error both times", *_cells(study.unsplit))
        yield row(f"{size}, tests for a fixed number at every look", *_cells(study.naive))
    yield ""


def _power(found: Calibration) -> Iterator[str]:
    points = [one.difference for one in found.at_once[0].power]
    yield "What is said of a pair whose first arm is better by so many points, in % (better / equivalent / worse):"
    yield ""
    yield row("seeds", *(f"{point:g}" for point in points))
    yield f"| --- |{' ---: |' * len(points)}"
    for one in found.at_once:
        yield row(str(one.seeds), *_said(one))
    yield ""


def _said(one: AtOnce) -> list[str]:
    return [
        " / ".join(f"{100 * said.value:.0f}" for said in (power.better, power.equivalent, power.worse))
        for power in one.power
    ]


def _settling(found: Calibration) -> Iterator[str]:
    yield f"How soon a pair of {ARMS} arms is settled, at most {found.most} seeds, by its true difference in points:"
    yield ""
    yield row("", *(f"{one.difference:g}" for one in found.settling))
    yield f"| --- |{' ---: |' * len(found.settling)}"
    yield from _taken("until settled", [one.always for one in found.settling])
    yield from _taken(f"a verdict on {FIRST_LOOK} seeds, then grown", [one.grown for one in found.settling])
    yield ""


def _taken(how: str, taken: list[Taken]) -> Iterator[str]:
    yield row(f"{how}: settled, %", *(f"{100 * one.settled.value:.0f}" for one in taken))
    yield row(f"{how}: seeds taken, mean", *(f"{one.seeds:.1f}" for one in taken))


def _in_flight(found: Calibration) -> Iterator[str]:
    yield ""
    yield f"A settled pair of {ARMS} equal arms opens again while runs come in, so many at a time (promised: never):"
    yield ""
    yield "| at a time | seeds as they come | seeds taken, mean | seeds in their order | seeds taken, mean |"
    yield f"| --- |{' ---: |' * 4}"
    for one in found.in_flight:
        cells = [[percent(each.opened), f"{each.seeds:.1f}"] for each in (one.as_they_come, one.in_order)]
        yield row(str(one.runs), *cells[0], *cells[1])


def _foretold(found: Calibration) -> Iterator[str]:
    yield ""
    yield (
        f"The seeds to add that are said to settle a pair that is open have the number that it took (promised: in "
        f"{100 * HOLDS:g} % of pairs), by its true difference in points; and so has what is said of a new study:"
    )
    yield ""
    points = [f"{point:g}" for point in TRUE_DIFFERENCES]
    yield row("after", *points, "all", "settled by its upper end", "a new study")
    yield f"| --- |{' ---: |' * (len(points) + 3)}"
    for one in found.foretold:
        how = "until settled" if one.looks is Looks.up_to else "a number that was fixed"
        rates = [*one.inside, one.all_inside, one.enough, one.anew]
        yield row(f"{one.seeds} seeds, {how}", *("–" if rate is None else percent(rate) for rate in rates))


def _cells(wrong: Wrong) -> list[str]:
    return [percent(one) for _, one in _claims(wrong)]


def _size(study: LookedAt) -> str:
    return "1 pair" if study.pairs == 1 else f"{study.pairs} pairs"


def _racing(found: Calibration) -> Iterator[str]:
    yield (
        f"Runs that {MANY} arms take until all pairs are settled, up to {found.most} seeds, and in a race, in which "
        "arms fall out that another is shown to be better than; and how often one does that none is better than "
        f"(promised: at most {share(1 - found.rules.level)}):"
    )
    yield ""
    yield "| each arm better than the next by | all pairs, runs | a race, runs | times as few | wrong |"
    yield f"| --- |{' ---: |' * 4}"
    for one in found.racing:
        runs = [f"{way.runs:,.0f}" for way in (one.settled, one.race)]
        yield row(f"{one.step:g} points", *runs, f"{one.settled.runs / one.race.runs:.1f}", percent(one.race.wrong))
    yield ""


def _few_errors(found: Calibration) -> Iterator[str]:
    yield (
        "False equivalence of single pairs of which one arm gets next to no image of 10,000 wrong and the other a "
        "margin more, by TOST alone and with counts, and equal arms that are found so (promised with counts, where "
        f"errors are Poisson: at most {share(1 - found.rules.confidence)}):"
    )
    yield ""
    yield "| errors | variance | seeds | false, TOST | false, counts | found, TOST | found, counts | until settled |"
    yield f"| --- | --- | ---: |{' ---: |' * 5}"
    for one in found.few_errors:
        for at, seeds in enumerate(FEW_SEEDS):
            rates = (one.before, one.after, one.found_before, one.found)
            settled = "" if at else percent(one.settled)
            cells = [f"{one.errors:g}", f"{one.times} × mean", str(seeds), *(percent(each[at]) for each in rates)]
            yield row(*cells, settled)
    yield ""
