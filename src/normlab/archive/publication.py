"""A published study: what it is, what each of its runs got right, and the verdicts that it was published with.

It is a JSON file that says all that verdicts depend on, so that they can be reached again from it without a network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from normlab.analysis.ends import Finals
from normlab.errors import SpecError, StoreError
from normlab.records import Look
from normlab.spec import Study
from normlab.spec.base import Positive, Seed, Spec
from normlab.spec.files import parse
from normlab.spec.problems import first_problem

MOST_BYTES = 1 << 24

Right = Annotated[int, Field(ge=0)]
BY_ACCURACY = "studies are published as images right, and judged by accuracy"


class Stated(Spec):
    """A verdict as it was published: the difference `first` − `second` in points, and its interval if there is one."""

    factor: str
    first: str
    second: str
    kind: str
    seeds: Annotated[int, Field(ge=0)]
    mean: float | None
    low: float | None
    high: float | None


class Score(Spec):
    """How many of the judged images a run got right at its final epoch."""

    judged_correct: Right
    judged_images: Positive

    @property
    def judged_accuracy(self) -> float:
        """In percent."""
        return 100 * self.judged_correct / self.judged_images


class Publication(Spec):
    """A study with the scores of its runs.

    `study` is its tables, `date` the day of its verdicts, `made` how and where its runs were: engine, processor and
    versions. `scores` is by arm and seed, how many of the `images` were right at the final epoch, nothing where the
    run diverged. `looks` are the verdicts that had been shown on its pairs, `verdicts` those that it came to.
    """

    study: dict[str, Any]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    made: tuple[str, ...] = ()
    images: Positive
    looks: tuple[Look, ...] = ()
    scores: dict[str, dict[Seed, Right | None]]
    verdicts: tuple[Stated, ...]

    @model_validator(mode="after")
    def _of_the_study(self) -> Self:
        """Scores are of its arms and seeds, and of no more images than there are."""
        if not self.planned.verdict.usual:
            raise ValueError(f"study: {BY_ACCURACY}, and not by {self.planned.verdict.outcome}")
        names = {arm.name for arm in self.planned.arms}
        for arm, scores in self.scores.items():
            if arm not in names:
                raise ValueError(f"scores: the study has no arm {arm[:80]!r}")
            if odd := sorted(scores.keys() - {*self.planned.seeds}):
                raise ValueError(f"scores.{arm}: the study has no seed {odd[0]}")
            if any(right is not None and right > self.images for right in scores.values()):
                raise ValueError(f"scores.{arm}: more are right than there are images, {self.images}")
        return self

    @cached_property
    def planned(self) -> Study:
        """The study."""
        return parse(self.study)

    @property
    def name(self) -> str:
        """That of the study."""
        return self.planned.name

    @property
    def ended(self) -> Finals:
        """The ends of its runs, as verdicts take them."""
        return {
            (arm, seed): None if right is None else Score(judged_correct=right, judged_images=self.images)
            for arm, scores in self.scores.items()
            for seed, right in scores.items()
        }


def read(path: str | Path) -> Publication:
    """A publication from its file.

    Raises `StoreError` where the file cannot be read, and `SpecError` with the first bad field where it is none.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StoreError(f"cannot read {path}: it has more than {MOST_BYTES:,} bytes")
        return publication(json.loads(path.read_bytes()), str(path))
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{path} is no JSON: {str(error)[:200]}") from None


def publication(values: Any, where: str) -> Publication:
    """A publication from plain values; `where` names them in errors, see `read`."""
    if not isinstance(values, Mapping):
        raise SpecError(f"{where} is no published study: expected an object with study, scores and verdicts")
    try:
        return Publication.model_validate(dict(values))
    except ValidationError as error:
        path, problem = first_problem(error)
        raise SpecError(f"{where}: {f'{path}: ' if path else ''}{problem}") from None
    except SpecError as error:
        raise SpecError(f"{where}: study: {error}") from None


def text(publication: Publication) -> str:
    """The file of a publication: the scores of an arm stand on a line."""
    tables = publication.model_dump(mode="json")
    lines = {name: _dumped(value) for name, value in tables.items()}
    scores = [f"{_dumped(arm)}: {_dumped(each)}" for arm, each in tables["scores"].items()]
    lines |= {
        "scores": "{" + _a_line_each(scores) + "}",
        "verdicts": "[" + _a_line_each([_dumped(each) for each in tables["verdicts"]]) + "]",
    }
    return "{\n" + ",\n".join(f'  "{name}": {line}' for name, line in lines.items()) + "\n}\n"


def _a_line_each(lines: list[str]) -> str:
    return "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
