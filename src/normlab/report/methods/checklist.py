"""What conferences ask of an experiment, answered from the study alone; what it does not know it says.

The questions are those of the NeurIPS paper checklist that a study can answer: https://neurips.cc/public/guides/PaperChecklist
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

from normlab.analysis import Facts
from normlab.report.methods.images import licence
from normlab.report.words import elsewhere, trials, tuned
from normlab.show.numbers import duration, listing, plural
from normlab.spec import Study
from normlab.spec.places import place, title
from normlab.spec.presets import PRESETS
from normlab.stats.looks import Looks

UNKNOWN = "not known here"


def items(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each question in a word or two, and its answer."""
    yield "Number of runs", _runs(facts)
    yield "Error bars", _bars(facts)
    yield "Scope", elsewhere.first(facts)
    yield "Data splits", _splits(facts)
    yield "Hyperparameters", _hyperparameters(facts)
    yield "Compute", _compute(facts)
    yield "Code and command", _code(facts)
    yield "Data", _data(facts)
    yield "Licences", f"normlab is {_own_licence()}; {licence(facts.study.recipe.dataset)}."


def _runs(facts: Facts) -> str:
    study = facts.study
    lost = sum(len(row.diverged) for row in facts.arms)
    low = sum(len(row.collapsed) for row in facts.arms)
    size = f"{plural(len(study.arms), 'arm')} × {plural(len(study.seeds), 'seed')}"
    planned = f"{size} at most" if study.until_settled else f"{size}, {facts.planned} planned"
    return f"{planned}: {facts.finished} finished, {lost} diverged; of those that finished {low} collapsed."


def _bars(facts: Facts) -> str:
    spread = "± is the sample standard deviation over seeds of one arm."
    if facts.paths or not facts.contrasts:
        return spread
    kind = "a t interval" if facts.rules.looks is Looks.once else "a confidence sequence"
    together = " for all pairs together" if len(facts.contrasts) > 1 else ""
    return (
        f"{spread} The interval of a pair is {kind} of the mean difference paired by seed, at "
        f"{100 * facts.rules.confidence:g}% confidence{together}{_of_equivalent(facts)}."
    )


def _of_equivalent(facts: Facts) -> str:
    """A t interval is at the level of its pair's own step; a sequence at one of two."""
    sure = 2 * facts.rules.confidence - 1
    return (
        ""
        if facts.rules.looks is Looks.once
        else f"; of arms that are equivalent, one-sided bounds, at {100 * sure:g}%"
    )


def _splits(facts: Facts) -> str:
    recipe = facts.study.recipe
    kept = f", {recipe.holdout:,} of the training part kept out" if recipe.holdout else ""
    return f"{_trained(facts)}{kept}; judged on {plural(facts.images, f'{facts.judged_on} image')}."


def _trained(facts: Facts) -> str:
    """That of the study's own recipe is not that of its arms where they differ in it."""
    count = sum(facts.comparison.trained)
    if "train_images" in facts.study.factors:
        return "How many images were trained on differs between arms"
    return f"Trained on {plural(count, 'image')}" if count else f"How many images were trained on is {UNKNOWN}"


def _hyperparameters(facts: Facts) -> str:
    study = facts.study
    own = [*study.factors, *(study.tuning.fields if study.tuning else ())]
    but = f", for every arm alike but for {listing(own)}" if own else ""
    told = filter(None, [trials.how(facts), tuned.for_all_norms(study)])
    return " ".join([f"All are in the study file{but}.", *_chosen(study), *told])


def _chosen(study: Study) -> Iterator[str]:
    known = tuned.builtin(study)
    if not known:
        yield f"How they were chosen is {UNKNOWN}."
        return
    lead = "They" if study.recipe.epochs == PRESETS[known]["epochs"] else "But for the number of epochs they"
    yield f"{lead} are those of normlab's recipe {known}, {SOURCES[known]}."


SOURCES = {
    "lean": "chosen on training images of MNIST that were kept out (docs/tuning.md)",
    "course": f"which are a course's; how these were chosen is {UNKNOWN}",
}


def _compute(facts: Facts) -> str:
    count = len(facts.comparison.runs)
    each = f", {duration(facts.seconds / count)} a run" if count else ""
    places = [
        f"{where.processor or where.device}, {plural(where.threads, 'thread')} a run" for where, _ in facts.environments
    ]
    where = f" on {listing(list(dict.fromkeys(places)))}" if places else ""
    return f"{duration(facts.seconds)} of training, all runs together{each}{where}. What was tried before is {UNKNOWN}."


def _code(facts: Facts) -> str:
    own = dict.fromkeys(arm.recipe.model for arm in facts.study.arms if place(arm.recipe.model))
    more = f" The code of {listing([title(model) for model in own])} is not part of normlab." if own else ""
    return f"`normlab compare study.toml` trains and judges it again; normlab {metadata.version('normlab')}.{more}"


def _data(facts: Facts) -> str:
    digests = list(dict.fromkeys(where.data for where, _ in facts.environments if where.data))
    if not digests:
        return f"The SHA-256 of the images is {UNKNOWN}."
    return f"SHA-256 of the images: {listing([f'`{digest}`' for digest in digests])}."


def _own_licence() -> str:
    return str(metadata.metadata("normlab").json.get("license_expression", UNKNOWN))
