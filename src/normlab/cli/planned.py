"""A plan as text: one sentence, what is not known, and the chances in a small table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normlab.stats.planning import Chances
    from normlab.verbs.plan import Planned

WIDTH = 80


def text(found: Planned) -> str:
    """Lines that fit 80 columns."""
    return "\n".join([*wrap(_answer(found), WIDTH), *wrap(_unsure(found), WIDTH), *_table(found)])


def _answer(found: Planned) -> str:
    from normlab.stats.power import MOST

    margin, behind = f"{found.rules.margin:g}", found.primary.behind
    if found.needed is None:
        return f"Even {MOST:,} seeds might not settle this: take a wider margin than ±{margin}{behind}."
    return (
        f"{found.needed} seeds, named beforehand, call equal arms equivalent within {margin}{behind} and "
        f"find a difference of {found.differences[-2]:g}{behind}, each about four times out of five: "
        f"{_runs(found, found.needed)}."
    )


def _runs(found: Planned, seeds: int) -> str:
    from normlab.show.numbers import plural, roughly

    runs, seconds = plural(seeds * found.pilot.a_seed, "run"), found.takes(seeds)
    return runs if seconds is None else f"{runs}, about {roughly(seconds)} here"


def _unsure(found: Planned) -> str:
    """How far the spread is known, and what there is time for."""
    from normlab.show.numbers import plural
    from normlab.stats.power import MOST

    pilot, said = found.pilot, []
    digits, behind = found.primary.finer, found.primary.behind
    if pilot.largest is not None:
        worst = f"more than {MOST:,}" if found.at_worst is None else f"{found.at_worst:,}"
        said.append(
            f"Differences spread by {pilot.sd:.{digits}f}{behind}; as far as the study knows it may be "
            f"{pilot.largest:.{digits}f}, and then it takes {worst} seeds."
        )
    if found.affordable is not None:
        said.append(f"There is time for {plural(found.affordable, 'seed')}.")
    return " ".join(said)


def _table(found: Planned) -> Iterator[str]:
    head = ["seeds", "runs", "time", *(f"{points:g}" for points in found.differences)]
    rows = [_row(found, seeds, row) for seeds, row in zip(found.seeds, found.fixed, strict=True)]
    limit = found.most if found.affordable is None else min(found.most, found.affordable)
    settling = [f"≤ {limit}", "", "", *(_cell(each.chances) for each in found.settling)]
    taken = ["taken", "", "", *(f"{each.seeds:.1f}" for each in found.settling)]
    unit = f" in {found.primary.apart}" if found.primary.apart else ""
    yield f"Chance in % of better / equivalent, by the true difference{unit}:"
    yield from _grid([head, *rows])
    yield "With --until-settled, and the seeds taken then, in the mean:"
    yield from _grid([[*head[:1], "", "", *head[3:]], settling, taken])


def _row(found: Planned, seeds: int, chances: Sequence[Chances]) -> list[str]:
    from normlab.show.numbers import MISSING, roughly

    seconds = found.takes(seeds)
    time = MISSING if seconds is None else roughly(seconds)
    return [str(seeds), str(seeds * found.pilot.a_seed), time, *map(_cell, chances)]


def _cell(chances: Chances) -> str:
    return f"{100 * chances.better:.0f} / {100 * chances.equivalent:.0f}"


def _grid(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
