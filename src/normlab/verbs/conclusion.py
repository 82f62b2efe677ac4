"""What a study has come to: judged, remembered as a look, and written down."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.analysis import inquiries
from normlab.analysis.looks import kind
from normlab.errors import StoreError
from normlab.plans import Maker
from normlab.records import Comparison, Look
from normlab.store import Store
from normlab.store.rows import now
from normlab.verbs.assembly import assemble
from normlab.verbs.checks import Basis
from normlab.verbs.checkups import with_checkups
from normlab.verbs.playground import playground
from normlab.verbs.projects import Place
from normlab.verbs.results import StudyResult
from normlab.verbs.test_set import test_once


@dataclass(frozen=True)
class Counts:
    """How many runs there were before, and how many came with the call.

    With `look` a verdict is shown that has to be remembered; with `anew` the page is written even if it is up to date,
    and with `playground` its networks can be played with.
    """

    kept: int = 0
    trained: int = 0
    look: bool = True
    anew: bool = False
    playground: bool = False


def concluded(place: Place, store: Store, made: Maker, basis: Basis, counts: Counts) -> StudyResult:
    """Judge what there is, remember that it was looked at, and write the report with the faults that were found."""
    from normlab.report import html

    comparison = test_once(store, assemble(made, store, basis), basis.data, look=counts.look)
    comparison = with_checkups(store, comparison, basis.data, look=counts.look)
    if counts.look and (shown := _look(comparison, made.treatments)):
        store.look(shown)
    page, unwritten = place.folder / "report.html", ""
    drawn = playground(comparison, basis.data) if counts.playground else None
    if drawn or counts.anew or not html.is_current(comparison, page, basis.faults):
        try:
            html.write(comparison, page, basis.faults, drawn)
        except StoreError as error:
            if counts.look:  # whoever trains has a folder to write to
                raise
            unwritten = str(error)
    return StudyResult(comparison, place.folder, page, counts.kept, counts.trained, unwritten)


def _look(comparison: Comparison, treatments: tuple[str, ...]) -> Look | None:
    """A verdict is shown where two arms of a question share two seeds; a path has none."""
    study = comparison.study
    several = {arm.name for arm in study.arms if len(comparison.of(arm.name)) > 1}
    pairs = [pair for question in inquiries(study) for pair in question.pairs]
    if study.warm_start or not any(set(pair) <= several for pair in pairs):
        return None
    rules = kind(study, comparison.looks).value
    return Look(study.name, now(), study.seeds, rules, len(pairs), treatments)
