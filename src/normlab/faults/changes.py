"""Two things changed at once: arms that no chain of arms, each changed in one thing, leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import product

from normlab.analysis.questions import place
from normlab.faults.finding import Finding, warning
from normlab.faults.subject import Subject
from normlab.spec import Arm, Study, known

TOGETHER = ("penalty", "augment", "schedule", "model")
"""Tables, and beginnings of names, whose fields are one thing: a network and its arguments, a kind of penalty and λ."""
MOMENTUM = ("optimizer.momentum", "optimizer.nesterov")
"""Fields that say how far a step goes on."""
PENALTIES = {"norm", "penalty", "optimizer.weight_decay"}
"""What `penalties.regularizer_differs` tells."""


def two_changes(subject: Subject) -> Iterator[Finding]:
    """Arms made by hand that differ from all others in two things or more; crossed ones always have a chain."""
    study = subject.study
    if study is None or not study.by_hand:
        return
    first, *others = _chained(study)
    for arms in others:
        one, other, things = min(
            ((one, other, _things(study, one, other)) for one, other in product(first, arms)),
            key=lambda found: len(found[2]),
        )
        if not things <= PENALTIES:
            yield warning(
                "two-changes",
                f"{one.name}, {other.name}",
                f"they differ in {' and '.join(sorted(map(_title, things)))} at once",
                "no arms between them say which of these a difference comes from",
                "add an arm that changes one of them alone, or make all arms equal in the others",
            )


def _chained(study: Study) -> list[list[Arm]]:
    """The arms in parts that a chain of single changes holds together, the baseline's or the first arm's part first."""
    left = sorted(study.arms, key=lambda arm: arm.name != study.baseline)
    parts: list[list[Arm]] = []
    while left:
        part, left = [left[0]], left[1:]
        for arm in part:  # it grows meanwhile
            near = [other for other in left if len(_things(study, arm, other)) <= 1]
            part += near
            left = [other for other in left if other not in near]
        parts.append(part)
    return parts


def _things(study: Study, one: Arm, other: Arm) -> Set[str]:
    """What two arms differ in, fields that are one thing taken together; by what changes something in both."""
    here, there = place(study, one), place(study, other)
    return _together([path for path in here.keys() & there.keys() if here[path] != there[path]])


def _together(paths: Sequence[str]) -> Set[str]:
    return {_thing(path, paths) for path in paths}


def _thing(path: str, paths: Sequence[str]) -> str:
    table = path.partition(".")[0].partition("_")[0]
    if table in TOGETHER or (table == "optimizer" and "optimizer.kind" in paths):  # AdamW's rate is no rate of SGD's
        return table
    return MOMENTUM[0] if path in MOMENTUM else path


def _title(thing: str) -> str:
    return known()[thing].title if thing in known() else {"augment": "augmentation"}.get(thing, thing)
