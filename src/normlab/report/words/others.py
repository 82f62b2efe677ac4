"""What else differs beside the primary outcome: a sentence for what stands after correction, and what to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Facts
from normlab.analysis.others import Other, Others, Reached
from normlab.outcomes import Outcome
from normlab.show.numbers import between, chance, estimate, fixed, listing, plural, signed
from normlab.stats.intervals import Interval

HEADING, ANCHOR = "What else differs?", "what-else-differs"
TOLD = 8
"""Differences that stand and are told; of more, the table has all."""
NEVER = "never"


def sentences(facts: Facts) -> Iterator[str]:
    """How many comparisons there are, which of them stand, and what their numbers are."""
    found = facts.others
    if found is None:
        return
    yield from standing(found)
    yield from _calibration(found)
    for outcome in found.outcomes:
        yield from _apart(found, outcome)


def standing(found: Others) -> Iterator[str]:
    """How many comparisons there are, and those that stand, the surest first."""
    yield _lead(found)
    stand = found.standing
    yield from (told(pair) for pair in stand[:TOLD])
    if len(stand) > TOLD:
        yield f"{len(stand) - TOLD} more stand; the table has all."


def told(pair: Other) -> str:
    """One difference that stands, the better arm first."""
    outcome, found = pair.outcome, pair.found
    first, second = pair.contrast.arms if found.higher == outcome.higher else pair.contrast.arms[::-1]
    lead = f"{_capital(outcome.title)}: {outcome.better} with {first} than with {second}"
    seeds, p = plural(len(pair.seeds), "seed"), _p(found.p)
    if found.mean is None:
        return f"{lead} on {max(found.ahead)} of {seeds} ({p})."
    size = f"{lead} by {_amount(abs(found.mean), outcome)}"
    return f"{size} ({_ends(found.interval, outcome)}{seeds}, {p})."


def cell(reached: Reached) -> str:
    """What an arm reached in an outcome: its mean and spread, and how many runs are no part of them."""
    runs = [f"{reached.never} {NEVER}"] if reached.never else []
    runs += [f"{reached.unrecorded} not recorded"] if reached.unrecorded else []
    return " ".join([estimate(reached.estimate, reached.outcome.digits), *([f"({', '.join(runs)})"] if runs else [])])


def difference(pair: Other) -> str:
    """First − second in the outcome's own unit; without a mean, on how many seeds the first has the higher number."""
    if pair.found.mean is None and pair.seeds:
        return f"higher on {pair.found.ahead[0]}, lower on {pair.found.ahead[1]}"
    return signed(pair.found.mean, pair.outcome.digits + 1)


def interval(pair: Other) -> str:
    """Its ends, at the comparison's own step of the correction; empty where equal differences show no spread."""
    ends, digits = pair.found.interval, pair.outcome.digits + 1
    return "" if ends is None or not ends.width else f"{signed(ends.low, digits)} to {signed(ends.high, digits)}"


def _lead(found: Others) -> str:
    pairs = len(found.pairs) // len(found.outcomes)
    none = "" if found.standing else " None of them stands."
    return (
        f"Exploratory: {plural(len(found.outcomes), 'other outcome')} of {plural(pairs, 'pair')}, corrected together "
        f"by Holm’s procedure at {100 * found.confidence:g} %; no verdict rests on them.{none}"
    )


def _calibration(found: Others) -> Iterator[str]:
    """What is left of the bias of a calibration error, by the numbers that stand beside it."""
    biased, by_chance = ([one for one in found.reached if one.outcome == each] for each in found.beside)
    if any(one.estimate for one in biased):
        yield (
            f"Calibration errors are debiased, which takes off a part of what is chance: with their bias they are "
            f"{_means(biased)} points, and perfect probabilities would have {_means(by_chance)}."
        )


def _means(reached: Sequence[Reached]) -> str:
    return between([one.estimate.mean for one in reached if one.estimate], reached[0].outcome.digits)


def _apart(found: Others, outcome: Outcome) -> Iterator[str]:
    """The runs that have no number, or one that does not compare."""
    title, mine = _capital(outcome.title), [one for one in found.reached if one.outcome == outcome]
    never = [f"{one.arm} {_never(one)}" for one in mine if one.never]
    if never:
        yield f"{title}: never reached by {listing(never)}, which count as more than all that did."
    missing = sum(one.unrecorded for one in mine)
    if missing:
        yield f"{title}: not recorded in {plural(missing, 'run')}, which {'is' if missing == 1 else 'are'} left out."
    apart = sum(pair.apart for pair in found.pairs if pair.outcome == outcome)
    if apart:
        yield f"{title}: {plural(apart, 'difference')} left out, of runs that were made in two places."


def _never(reached: Reached) -> str:
    runs = reached.never + (len(reached.estimate.values) if reached.estimate else 0)
    return f"in {reached.never} of {plural(runs, 'run')}"


def _amount(value: float, outcome: Outcome) -> str:
    return f"{fixed(value, outcome.digits + 1)} {outcome.apart}".rstrip()


def _ends(ends: Interval | None, outcome: Outcome) -> str:
    if ends is None:
        return ""
    low, high = sorted((abs(ends.low), abs(ends.high)))
    return f"{fixed(low, outcome.digits + 1)} to {fixed(high, outcome.digits + 1)}, "


def _p(p: float) -> str:
    said = chance(p)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
