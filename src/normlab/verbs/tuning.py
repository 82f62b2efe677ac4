"""`compare(tune=…)`: trials for every arm, then the study at the recipe's own values, then the tuned one."""

from __future__ import annotations

from dataclasses import replace

from normlab.analysis import tuning as analysed
from normlab.data import load
from normlab.events import StudyBegun, Tell, silent
from normlab.progress import told
from normlab.spec import Study, tuning
from normlab.spec.tuning import Search
from normlab.verbs.projects import Place
from normlab.verbs.results import StudyResult
from normlab.verbs.session import Terms, carry_out

HELD_OUT, SHARE = 10_000, 6
"""Training images that trials are judged on: so many, and at most one of so many."""


def tuned(place: Place, search: Search, terms: Terms, tell: Tell | None = None) -> StudyResult:
    """The tuned study, after its trials and the study as it is; raises what `compare` raises."""
    study = place.study
    images = len(load(study.recipe.dataset, tell or silent).train_images)
    tried = tuning.trials(study, search, min(HELD_OUT, images // SHARE))
    apart = replace(terms, fresh=False, budget=None)
    trials = _carried_out(tried, 1, place, apart, tell).comparison
    fixed = _carried_out(study, 2, place, terms, tell).comparison.study
    values = analysed.chosen(analysed.of_arms(trials, fixed, list(search.grid)))
    return _carried_out(tuning.tuned(fixed, values, trials.study), 3, place, apart, tell)


def _carried_out(study: Study, number: int, place: Place, terms: Terms, tell: Tell | None) -> StudyResult:
    shown = tell or told(study)
    shown(StudyBegun(study.name, number, 3))
    return carry_out(study, place.project, terms, shown)
