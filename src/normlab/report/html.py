"""The comparison as one page that opens anywhere without a network: findings, tables, charts, mistakes, provenance."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib import metadata
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normlab import files
from normlab.analysis.classes import ClassRow
from normlab.analysis.looks import grown_after, kind
from normlab.records import NEAR_ZERO, Comparison, Tuned
from normlab.report import charts, images, sourced
from normlab.report.methods import methods
from normlab.report.payload import payload as numbers_of
from normlab.report.view import View, build, so_far
from normlab.report.words import amounts, beliefs, classes, crossed, others
from normlab.report.words.changes import changes
from normlab.show import numbers, output, pictures, theme
from normlab.show.bundle import bundle
from normlab.show.figure import Figure
from normlab.show.pages import environment
from normlab.show.plates import plate
from normlab.show.section import Section

if TYPE_CHECKING:
    from jinja2 import Environment

    from normlab.faults import Finding

DEEP = 40
"""Percent of the most colour that a cell has: a number on it can still be read."""
LEAD = 2
"""Charts that stand on the first screen, side by side where there is room."""
STILL = 200
"""Runs up to which all charts have a still picture; of more only those of the first screen."""
EPOCHS = 5_000
"""Epochs of all runs together up to which a page carries their numbers."""
FILTERED = 24
"""Arms from which on their table is folded, and can be searched."""
FEW = 4
"""Questions up to which several sentences of each are seen before the others are asked for; of more, one."""
SEEN = 3
"""How many sentences that are."""
ROOM = 160_000
"""How many letters these may have in a notebook together: it keeps what it shows in its file."""
HEAD = 4096
"""Bytes of a page that hold its fingerprint."""
LARGEST = 1 << 29
"""Bytes of a page that is looked at before it is written again."""


def write(
    comparison: Comparison,
    path: Path,
    faults: Sequence[Finding] | None = None,
    playground: Section | None = None,
) -> Path:
    """Put the page at `path`, in its study's folder, whole or not at all, with a playground if there is one.

    Raises `StoreError` when it cannot be written.
    """
    page = render(comparison, faults, Path(path).parent.parent, playground).encode()
    return output.write(Path(path), output.sealed(page))


def is_current(comparison: Comparison, path: Path, faults: Sequence[Finding]) -> bool:
    """Whether the page at `path` was made of the same runs, study, looks and faults, by this normlab.

    One with a playground is not, for what nobody asks for again is left out again; nor is one that was changed.
    """
    try:
        page = files.content(path, LARGEST)
    except OSError:
        return False
    return output.is_whole(page) and fingerprint(comparison, faults).encode() in page[:HEAD]


def fingerprint(comparison: Comparison, faults: Sequence[Finding] | None, *, playground: bool = False) -> str:
    """SHA-256 of all that a page is made of, 64 hexadecimal digits."""
    grown = grown_after(comparison.study, comparison.looks)
    made_of = {
        "version": metadata.version("normlab"),
        "study": comparison.study.to_toml(),
        "runs": [(run.key, run.diverged_at, [epoch.judged_correct for epoch in run.epochs]) for run in comparison.runs],
        "rules": kind(comparison.study, comparison.looks).value,
        "grown": grown and asdict(grown),
        "tuned": comparison.tuned and _tuned(comparison.tuned),
        "registered": comparison.registered and comparison.registered.model_dump(mode="json"),
        "tested": {arm: [*values] for arm, values in comparison.tested.items()},
        "damaged": dict(comparison.damaged),
        "checkups": {key: asdict(found) for key, found in comparison.checkups.items()},
        "alone": [(run.key, run.diverged_at) for each in comparison.alone for run in each.runs],
        "faults": None if faults is None else [fault.line for fault in faults],
        "playground": playground,
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def _tuned(tuned: Tuned) -> dict[str, object]:
    parts = [tuned.trials, *([tuned.fixed] if tuned.fixed else [])]
    return {part.study.to_toml(): [(run.key, run.diverged_at) for run in part.runs] for part in parts}


def render(
    comparison: Comparison,
    faults: Sequence[Finding] | None = None,
    project: Path | None = None,
    playground: Section | None = None,
) -> str:
    """The page as text, with what the lint found of the study, if it looked; the same gives the same page.

    `project` is the folder that the study is in, for the command that lets it grow.
    """
    mark = fingerprint(comparison, faults, playground=playground is not None)
    return _rendered(build(comparison), faults, project, mark, playground=playground)


def write_live(comparison: Comparison, path: Path) -> Path:
    """Put the page of a study that is being trained at `path`; opened in a browser it loads itself again."""
    mark = f"live {fingerprint(comparison, None)}"
    return output.write(path, _rendered(so_far(comparison), None, path.parent.parent, mark, live=True).encode())


def _rendered(
    view: View,
    faults: Sequence[Finding] | None,
    project: Path | None,
    mark: str,
    *,
    live: bool = False,
    playground: Section | None = None,
) -> str:
    many = len(view.facts.curves) > STILL
    _ = view.facts.evidence  # takes the most memory: while what draws charts has not taken its own, and kept it
    figures = charts.figures(view.facts)
    plates = [plate(figure, still=number < LEAD or not many) for number, figure in enumerate(figures)]
    return _page(
        view,
        "report.html.j2",
        lead=plates[:LEAD],
        plates=plates[LEAD:],
        bundle=bundle(),
        payload=numbers_of(view, most=EPOCHS),
        faults=faults,
        project=project,
        fingerprint=mark,
        live=live,
        playground=playground,
        changes=changes(view.facts.study),
        methods=None if live else methods(view.facts),
    )


def fragment(comparison: Comparison, project: Path | None = None) -> str:
    """Headline, table, the first charts and findings for a notebook: no scripts, and pictures that stand still.

    `project` is the folder that the study is in, for the command that lets it grow.
    """
    view = build(comparison)
    first = charts.figures(view.facts)[:LEAD]
    stills = _fitting({figure.name: _still(figure, fingerprint(comparison, None)) for figure in first})
    return _page(view, "fragment.html.j2", figures=first, stills=stills, project=project)


def _still(figure: Figure, digest: str) -> str:
    """The chart as SVG with ids that no other result has, without what it says of each mark: half of its letters."""
    svg = plate(replace(figure, name=f"n{digest[:8]}-{figure.name}")).still
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", tag[0]), svg)


def _fitting(stills: Mapping[str, str]) -> dict[str, str]:
    """The first pictures, as far as there is room for them."""
    sizes = accumulate(len(svg) for svg in stills.values())
    return {name: svg for (name, svg), size in zip(stills.items(), sizes, strict=True) if size <= ROOM}


def _page(view: View, template: str, **more: Any) -> str:
    version = metadata.version("normlab")
    return _environment().get_template(template).render(view=view, facts=view.facts, version=version, **more)


def _low(value: float, rows: Sequence[ClassRow], arms: Sequence[str]) -> int:
    """How much colour a cell has, in percent: none at a table's highest number, most at its lowest."""
    every = [row.means[arm] for row in rows for arm in arms]
    low, high = min(every), max(every)
    return round(DEEP * (high - value) / (high - low)) if high > low else 0


@cache
def _environment() -> Environment:
    made = environment("normlab.report")
    made.filters |= {
        "beliefs": beliefs.cell,
        "chance": numbers.chance,
        "changes": crossed.verdict,
        "components": sourced.rows,
        "classes": classes.sentences,
        "difference": crossed.pair,
        "duration": numbers.duration,
        "ends": crossed.ends,
        "estimate": numbers.estimate,
        "fixed": numbers.fixed,
        "low": _low,
        "measured": amounts.measured,
        "outcome": others.cell,
        "outcome_difference": others.difference,
        "outcome_interval": others.interval,
        "signed": numbers.signed,
        "span": numbers.span,
        "plural": numbers.plural,
        "penalty": theme.penalty,
        "picture": pictures.data_uri,
        "sentence": images.sentence,
    }
    made.globals |= {
        "NEAR_ZERO": NEAR_ZERO,
        "MISSING": numbers.MISSING,
        "SEEN": SEEN,
        "FEW": FEW,
        "FILTERED": FILTERED,
    }
    return made
