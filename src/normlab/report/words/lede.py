"""What was compared, in the sentence below the headline."""

from __future__ import annotations

from normlab.analysis import Facts
from normlab.show.numbers import listing, plural
from normlab.spec.images import images
from normlab.spec.places import title


def lede(facts: Facts) -> str:
    """Networks and images, how many arms, seeds and epochs, and how far the study has come."""
    study = facts.study
    most = "up to " if study.until_settled else ""
    size = f"{plural(len(study.arms), 'arm')} × {most}{plural(len(study.seeds), 'seed')} × {_epochs(facts)}"
    judged = plural(facts.images, f"{facts.judged_on} image")
    where = f"{images(study.recipe.dataset).title}{_treated(facts)}"
    return f"{networks(facts)} on {where}: {size}, {finished(facts)}, each judged on {judged}.{_noted(facts)}"


def finished(facts: Facts) -> str:
    """How many runs there are of those planned, and how many diverged."""
    most = facts.finished if facts.study.until_settled else facts.planned
    of = "" if facts.study.until_settled else f"{facts.finished} of "
    lost = sum(len(row.diverged) for row in facts.arms)
    return f"{of}{plural(most, 'run')} finished" + (f", {lost} diverged" if lost else "")


def networks(facts: Facts) -> str:
    """What the arms' networks are called, each once."""
    return listing(list(dict.fromkeys(title(arm.recipe.model) for arm in facts.study.arms)))


def _noted(facts: Facts) -> str:
    """What is to be known of how the images were read, a sentence each."""
    return "".join(f" {note[:1].upper()}{note[1:]}." for note in facts.comparison.notes)


def _treated(facts: Facts) -> str:
    """The preprocessing, where arms share one that is not the usual one."""
    shared = {arm.recipe.preprocess for arm in facts.study.arms}
    return f" ({shared.pop()})" if len(shared) == 1 and shared != {"standardize"} else ""


def _epochs(facts: Facts) -> str:
    *fewer, most = facts.lengths
    return f"{fewer[0]} to {plural(most, 'epoch')}" if fewer else plural(most, "epoch")
