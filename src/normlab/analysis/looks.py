"""Which rules a study is judged by, given the verdicts that were shown of its arms before.

A number of seeds that was fixed beforehand is judged once; a study that adds them until it is settled named the most
that it takes, and may be looked at up to there. Whoever sees a verdict and then takes other seeds than were planned has
looked: from then on the rules hold that allow looking without an end, however the study is called that looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from normlab.records import Look
from normlab.spec import Study
from normlab.stats.looks import Looks
from normlab.stats.verdict import Rules


def at(looks: Iterable[Look], arms: Collection[str]) -> list[Look]:
    """The looks that have shown a difference of these arms, by `Job.treatment`: two of them in common."""
    wanted = set(arms)
    return [look for look in looks if len(wanted.intersection(look.arms)) > 1]


def rules(study: Study, looks: Iterable[Look] = ()) -> Rules:
    """How the study is judged; `looks` are those at its own arms, here and below."""
    stated, how = study.verdict, kind(study, looks)
    return Rules(stated.level, stated.margin, looks=how, most=len(study.seeds), higher=stated.primary.higher)


def kind(study: Study, looks: Iterable[Look]) -> Looks:
    """Whether it is judged once, was meant to be looked at from the start, or has grown after a look."""
    return after(looks, study.seeds, always=study.until_settled)


def after(looks: Iterable[Look], seeds: Collection[int], *, always: bool) -> Looks:
    """How a study of these seeds is judged; `always` says that it was meant to be looked at from the start."""
    known, meant = list(shared(seeds, looks)), Looks.up_to if always else Looks.once
    if all(set(look.seeds) == set(seeds) and look.rules == meant for look in known):
        return meant
    return Looks.grown if any(look.rules != Looks.always for look in known) else Looks.always


def shared(seeds: Collection[int], looks: Iterable[Look]) -> Iterable[Look]:
    """The looks that have told something about a study of these seeds: one in common."""
    return (look for look in looks if set(look.seeds) & set(seeds))


def grown_after(study: Study, looks: Iterable[Look]) -> Look | None:
    """The first look that was followed by other seeds; None where there is none."""
    if kind(study, looks) is not Looks.grown:
        return None
    return next((look for look in shared(study.seeds, looks) if look.rules in {Looks.once, Looks.up_to}), None)
