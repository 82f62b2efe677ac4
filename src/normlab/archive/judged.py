"""The verdicts of a published study, reached again from its scores, and held against those that it states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from normlab.analysis import Contrast, Question, judge_finals
from normlab.archive.publication import Publication, Stated
from normlab.errors import SpecError
from normlab.spec import Study

CLOSE = 1e-6
"""Points by which two machines may differ in a mean or in the end of an interval."""


def questions(publication: Publication, study: Study | None = None) -> tuple[Question, ...]:
    """Its questions with their verdicts, by its own rules, or by those of the same study with others, if given."""
    return judge_finals(study or publication.planned, publication.ended, publication.looks)


def stated(found: Sequence[Question]) -> tuple[Stated, ...]:
    """Verdicts as a publication states them."""
    return tuple(_stated(contrast) for question in found for contrast in question.contrasts)


def check(publication: Publication, where: str) -> None:
    """Raise `SpecError` where its scores give other verdicts than it states; `where` names it."""
    again = stated(questions(publication))
    if len(again) != len(publication.verdicts):
        raise SpecError(
            f"{where}: expected the verdicts on {len(again)} pairs, which its study asks about, and it states "
            f"{len(publication.verdicts)}; publish it again"
        )
    for one, other in zip(publication.verdicts, again, strict=True):
        if differs := next(_differs(one, other), ""):
            raise SpecError(
                f"{where}: {one.first} against {one.second}: it states {differs} {getattr(one, differs)}, and its "
                f"scores give {getattr(other, differs)}; publish it again"
            )


def _stated(contrast: Contrast) -> Stated:
    interval = contrast.interval
    return Stated(
        factor=contrast.factor,
        first=contrast.first,
        second=contrast.second,
        kind=contrast.verdict.kind.value,
        seeds=len(contrast.seeds),
        mean=contrast.mean,
        low=_finite(interval.low) if interval else None,
        high=_finite(interval.high) if interval else None,
    )


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


def _differs(one: Stated, other: Stated) -> Iterator[str]:
    """The fields in which two statements differ."""
    for name in Stated.model_fields:
        here, there = getattr(one, name), getattr(other, name)
        both = isinstance(here, float) and isinstance(there, float)
        if not (math.isclose(here, there, rel_tol=0, abs_tol=CLOSE) if both else here == there):
            yield name
