"""What a study is to be, settled before its verdicts are seen: everything that they depend on, and when that was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field

from normlab.spec.base import Seed, Spec
from normlab.spec.fields import find, known
from normlab.spec.study import NAME, Study


class RegisteredArm(Spec):
    """An arm: the digest of what it is (`Job.treatment`), and its values by path, as far as not all arms share them."""

    digest: str
    values: dict[str, Any]


class Design(Spec):
    """All that a study's verdicts depend on before a run is made.

    `outcome` is what arms are compared by, `margin` in its unit, `level` the confidence of all verdicts
    together. With `until_settled`, `seeds` are the most that may be taken. `questions` are the factors that verdicts
    are wanted on, by path. `images` is the SHA-256 of the data set's content; `recipe` has the values that all arms
    share, links worked out, by path.
    """

    outcome: str
    margin: float
    level: float
    seeds: tuple[Seed, ...]
    until_settled: bool
    warm_start: bool
    root: int
    questions: tuple[str, ...]
    baseline: str
    images: str
    recipe: dict[str, Any]
    arms: dict[str, RegisteredArm]

    @property
    def unit(self) -> str:
        """What stands behind the number of a margin."""
        from normlab.outcomes import OUTCOMES

        title = self.outcome.partition(" on the ")[0]
        return next((outcome.behind for outcome in OUTCOMES if outcome.title == title), "")

    @classmethod
    def of(cls, study: Study, treatments: Sequence[str], images: str) -> Self:
        """That of a study, of its arms' treatments (`Job.treatment`) and the digest of its data set's content."""
        shared, own = _resolved(study)
        return cls(
            outcome=_outcome(study),
            margin=study.verdict.margin,
            level=study.verdict.level,
            seeds=study.seeds,
            until_settled=study.until_settled,
            warm_start=study.warm_start,
            root=study.root,
            questions=tuple(sorted({find(asked).path for asked in study.questions or study.factors})),
            baseline=study.baseline,
            images=images,
            recipe=shared,
            arms={
                arm.name: RegisteredArm(digest=digest, values=values)
                for arm, digest, values in zip(study.arms, treatments, own, strict=True)
            },
        )

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, 64 hexadecimal digits; the order of arms is no part of it."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    @property
    def replicates(self) -> str:
        """How many seeds, for instance `5 seeds` or `up to 40 seeds until all is settled`."""
        seeds = f"{len(self.seeds):,} seed{'' if len(self.seeds) == 1 else 's'}"
        return f"up to {seeds} until all is settled" if self.until_settled else seeds

    def resolved(self, arm: str) -> dict[str, Any]:
        """Every value of an arm's recipe, by path."""
        return self.recipe | self.arms[arm].values


class Registration(Spec):
    """That the design of a `study` was written down, when (ISO 8601, UTC), and how many runs of it were `trained` then.

    `digest` is the design's.
    """

    study: Annotated[str, Field(pattern=NAME)]
    registered: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:+]+$")]
    trained: Annotated[int, Field(ge=0)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    design: Design

    @property
    def when(self) -> str:
        """On which day, and what there was already."""
        verb = "was" if self.trained == 1 else "were"
        so_far = f"after {self.trained:,} of its runs {verb}" if self.trained else "before any of its runs was"
        return f"{self.registered[:10]}, {so_far} trained"


class Registered(Spec):
    """A registration, and the design that its study has `now`."""

    registration: Registration
    now: Design


def _outcome(study: Study) -> str:
    """The primary outcome in words."""
    title = study.verdict.outcome if study.verdict.usual else study.verdict.primary.title
    return f"{title} on the {study.recipe.judged_on} images after the last epoch"


def _resolved(study: Study) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The values that all arms share by path, and for each arm the others."""
    arms = [{path: field.of(arm.recipe) for path, field in known().items()} for arm in study.arms]
    shared = {path: value for path, value in arms[0].items() if all(arm[path] == value for arm in arms)}
    return shared, [{path: arm[path] for path in arm if path not in shared} for arm in arms]
