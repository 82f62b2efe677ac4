"""Which verdicts of published studies answer what somebody asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from normlab.analysis import Contrast
from normlab.archive.judged import questions
from normlab.archive.publication import Publication
from normlab.spec import Recipe, RecipeField, Study, design, find
from normlab.spec.fields import Value, identity

Wanted = Mapping[str, Collection[Value]]
"""Levels by the paths of fields."""


@dataclass(frozen=True)
class Answer:
    """A verdict, what it is from, and the study with the rules that it was reached by."""

    publication: Publication
    study: Study
    contrast: Contrast

    @property
    def recipes(self) -> tuple[Recipe, Recipe]:
        """Those of its two arms."""
        first, second = (self.study.arm(name).recipe for name in self.contrast.arms)
        return first, second


def asked(
    publications: Iterable[Publication], wanted: Wanted, level: float | None = None, margin: float | None = None
) -> tuple[Answer, ...]:
    """Every verdict on arms that have the wanted levels, by its study's rules or another level or margin if given.

    Several levels of a field are to be compared: the arms differ in such a field, and both have wanted levels of all
    fields. Where there is one level of each, one of the arms has to have it, or both if they share it. A field that
    changes nothing in an arm has no level there. A word also means what begins with it and goes on with a colon: gn is
    any group norm.
    """
    return tuple(
        answer
        for publication in publications
        for answer in _answers(publication, level, margin)
        if _fits(answer, wanted)
    )


def _answers(publication: Publication, level: float | None, margin: float | None) -> Iterator[Answer]:
    study = design(publication.planned, level=level, margin=margin)
    for question in questions(publication, study):
        yield from (Answer(publication, study, contrast) for contrast in question.contrasts)


def _fits(answer: Answer, wanted: Wanted) -> bool:
    differs = {*answer.contrast.factor.split(",")}
    compared = {path for path, levels in wanted.items() if len(levels) > 1}
    if compared and not compared & differs:
        return False
    return all(
        any(has) if path in differs and not compared else all(has)
        for path, levels in wanted.items()
        for has in ([_has(recipe, find(path), levels) for recipe in answer.recipes],)
    )


def _has(recipe: Recipe, field: RecipeField, wanted: Collection[Value]) -> bool:
    """Whether a recipe's level of a field is one of those that are wanted."""
    level = field.of(recipe)
    return field.counts(recipe) and any(
        identity(level) == identity(each) or str(level).startswith(f"{each}:") for each in wanted
    )
