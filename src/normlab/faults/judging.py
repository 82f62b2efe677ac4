"""Faults of how a study is judged: by what margin and level, on which seeds, and whether it can end."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis.questions import inquiries
from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Subject
from normlab.spec import Study
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni
from normlab.stats.sequential import reach

WIDEST = 2.0
"""Points of accuracy, or of another share of images; of more than that nobody says that it does not matter."""
LOWEST = 0.8
"""Confidence; below it more than one study in five claims what is not there."""
FARTHEST = 5.0
"""Standard deviations of paired differences to each side of their mean; what reaches farther shows nothing."""
NAMED = 5
"""Seeds that are named at most."""


def wide_margin(subject: Subject) -> Iterator[Finding]:
    """A margin within which whole classes of networks lie."""
    study = subject.study
    if study and len(study.arms) > 1 and _in_points(study) and study.verdict.margin > WIDEST:
        yield warning(
            "wide-margin",
            "verdict.margin",
            f"arms that are {study.verdict.margin:g} points of {study.verdict.primary.title} apart count as equivalent",
            "a margin is the largest difference that would change nothing anybody does, and this one hides most that "
            "are ever published",
            "say what does not matter, for instance margin = 0.1 (Lakens, Equivalence tests, 2017)",
        )


def _in_points(study: Study) -> bool:
    """Nats and squares have no width that nobody would name."""
    return study.verdict.primary.apart == "points"


def low_level(subject: Subject) -> Iterator[Finding]:
    """A confidence that says little."""
    study = subject.study
    if study and len(study.arms) > 1 and study.verdict.level < LOWEST:
        wrong = 100 * (1 - study.verdict.level)
        yield warning(
            "low-level",
            "verdict.level",
            f"verdicts hold with a confidence of {study.verdict.level:g}",
            f"of 100 such studies without any difference, up to {wrong:.0f} claim one",
            "take level = 0.95, and more seeds where that leaves pairs open",
        )


def low_ceiling(subject: Subject) -> Iterator[Finding]:
    """Seeds until a study is settled, and so few of them that only what lies very far apart could be."""
    study = subject.study
    asked = inquiries(study) if study and study.until_settled else ()
    pairs = sum(len(question.pairs) for question in asked)
    if study is None or not pairs:
        return
    level, most = bonferroni(Looks.up_to.confidence(study.verdict.level), pairs), len(study.seeds)
    if most > 1 and (far := reach(most, level, most)) > FARTHEST:
        needed = next(seeds for seeds in range(most, 10_000) if reach(seeds, level, seeds) <= FARTHEST)
        yield error(
            "low-ceiling",
            "seeds",
            f"{most} seeds at most settle arms only if they lie {far:.0f} standard deviations of a difference apart",
            f"so far an interval of one of {pairs} pairs reaches then at this level, and equal arms stay open",
            f"allow {4 * needed} seeds or more: a study that is settled sooner takes no more of them",
        )


def chosen_seeds(subject: Subject) -> Iterator[Finding]:
    """Seeds with others left out between them: nobody can tell why these."""
    seeds = sorted(subject.study.seeds) if subject.study else []
    if len(seeds) > 1 and seeds[-1] - seeds[0] >= len(seeds):
        told = ", ".join(map(str, seeds[:NAMED])) + (", …" if len(seeds) > NAMED else "")
        yield warning(
            "chosen-seeds",
            "seeds",
            f"the seeds {told} do not follow each other",
            "no reader can tell whether those between were tried and left out",
            f"take seeds = {len(seeds)}, or others in a row; `normlab preregister` says beforehand which",
        )


def warm_arms(subject: Subject) -> Iterator[Finding]:
    """A path whose arms are compared on the test set: each has been trained longer than the one before it."""
    study = subject.study
    longest = max(map(len, study.paths), default=0) if study and study.warm_start else 0
    if study and longest > 1 and not study.recipe.holdout:
        yield warning(
            "warm-arms",
            "warm_start",
            f"each arm goes on from the one before it: the last of {longest} is trained {longest} times as long",
            "what is found of λ may come from the steps",
            "leave warm_start out to compare arms; to choose a λ on the path, judge by images held out "
            "(holdout = 10000)",
        )
