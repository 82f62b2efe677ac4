"""What came of studies with runs that collapse, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.calibration.cells import percent, row, share
from normlab.calibration.collapses import Collapses, Told
from normlab.calibration.collapses_looked_at import CollapsesLookedAt
from normlab.calibration.contaminated import COLLAPSE, Case
from normlab.calibration.rates import Rate
from normlab.stats.proportion import exact
from normlab.stats.verdict import Rules

SURE = 0.999
"""With which a promise is broken: there are so many of them that one in forty would be by chance."""
NONE = "–"


def lines(once: Sequence[Collapses], looked_at: Sequence[CollapsesLookedAt], most: int, rules: Rules) -> Iterator[str]:
    """Both tables, each before runs that collapse were told apart, and after."""
    yield from _once(once, rules)
    yield from _looked_at(looked_at, most, rules)


def broken(once: Sequence[Collapses], looked_at: Sequence[CollapsesLookedAt], rules: Rules) -> list[str]:
    """Promises that the figures speak against."""
    return [
        f"{what} {where} in {percent(found)} of studies"
        for what, where, found, most in promises(once, looked_at, rules)
        if exact(found.hits, found.trials, SURE).low > most
    ]


def promises(
    once: Sequence[Collapses], looked_at: Sequence[CollapsesLookedAt], rules: Rules
) -> Iterator[tuple[str, str, Rate, float]]:
    """What may not be false, where, how often it is, and how often it may be."""
    for one in once:
        if one.case.collapse:
            where = f"at {one.seeds} seeds, {_case(one.case)}"
            yield from ((what, where, found, 1 - rules.level) for what, found in _claims(one.after))
            yield "a false difference in failures", where, one.often, 1 - rules.confidence
    for study in looked_at:
        if study.case.collapse:
            where = f"until settled, {_case(study.case)}"
            yield from ((what, where, found, 1 - rules.level) for what, found in _claims(study.after))


def _claims(told: Told) -> Iterator[tuple[str, Rate]]:
    yield "a false winner", told.winner
    yield "a false equivalence", told.equivalence


def _once(found: Sequence[Collapses], rules: Rules) -> Iterator[str]:
    yield (
        "False claims of single pairs where one arm collapses in a share of its runs, with a number of seeds that was "
        "fixed beforehand. Before: of the mean of all runs. Now: of runs that do not fail, what is withheld included; "
        f"where they lose less than {COLLAPSE:g} point, of the mean of all runs as before, without what is withheld "
        f"(promised of the others: at most {share(1 - rules.level)} of each kind):"
    )
    yield ""
    heads = ("better or worse", "equivalent", f"interval holds ({share(rules.confidence)})")
    every = [f"{head}, {when}" for head in heads for when in ("before", "now")]
    yield row("seeds", "runs that collapse", *every, "found", "withheld", "rate’s interval holds", "fails more often")
    yield f"| --- | --- |{' ---: |' * (len(every) + 4)}"
    for one in found:
        told = [one.found and percent(one.found), *map(percent, (one.withheld, one.rate, one.often))]
        yield row(str(one.seeds), _case(one.case), *_both(one.before, one.after), *(cell or NONE for cell in told))
    yield ""


def _looked_at(found: Sequence[CollapsesLookedAt], most: int, rules: Rules) -> Iterator[str]:
    yield (
        f"The same at any look, until settled, at most {most} seeds (promised where a run loses {COLLAPSE:g} point: at "
        f"most {share(1 - rules.level)} of each kind):"
    )
    yield ""
    heads = ("better or worse", "equivalent", "interval always holds", "seeds taken, mean")
    yield row("runs that collapse", *(f"{head}, {when}" for head in heads for when in ("before", "now")))
    yield f"| --- |{' ---: |' * (2 * len(heads))}"
    for one in found:
        yield row(_case(one.case), *_both(one.before, one.after), f"{one.seeds_before:.1f}", f"{one.seeds_after:.1f}")
    yield ""


def _both(before: Told, after: Told) -> Iterator[str]:
    for name in ("winner", "equivalence", "covered"):
        yield from (percent(getattr(told, name)) for told in (before, after))


def _case(case: Case) -> str:
    if not case.share:
        return "none"
    return f"{share(case.share)} lose {case.loss:g} point{'' if case.loss == 1 else 's'}"
