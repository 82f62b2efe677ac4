"""The whole comparison: a recipe, its arms, its seeds, and how the verdict is reached."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import AfterValidator, Field, field_serializer, field_validator, model_validator

from normlab.errors import UnknownName
from normlab.spec.arm import Arm
from normlab.spec.base import Seed, Spec
from normlab.spec.recipe import Recipe


class Judging(Spec):
    """How the verdict is reached: the confidence that all verdicts of one kind hold together, and what matters.

    Arms that differ by less than `margin` percentage points of accuracy are as good as each other. Neither changes what
    is trained, so a study may be judged anew; who fixes them beforehand has the stronger claim.
    """

    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    margin: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 0.1


def _distinct(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if not seeds:
        raise ValueError("expected at least one seed, got none")
    if len(set(seeds)) != len(seeds):
        raise ValueError("the same seed stands twice")
    return seeds


def _different(arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    if not arms:
        raise ValueError("expected at least one arm, got none")
    names = [arm.name for arm in arms]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"the arm {twice[0]!r} stands twice")
    return arms


class Study(Spec):
    """The whole comparison: every arm trained on every seed of one recipe.

    With `until_settled`, the seeds are the most that may be taken: they are added one after the other to arms whose
    pairs are not settled yet, and the verdict accounts for looking after each of them. With `warm_start`, arms that
    differ only in λ are a path: each starts from the final weights of the one with the next smaller λ, so that the k-th
    has been trained k times as long.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = "compare"
    seeds: Annotated[tuple[Seed, ...], AfterValidator(_distinct)] = (0, 1, 2)
    root: Annotated[int, Field(ge=0)] = 0
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    engine: Literal["auto", "lanes", "eager", "reference"] = "auto"
    until_settled: bool = False
    warm_start: bool = False
    verdict: Judging = Judging()
    recipe: Recipe = Field(default_factory=Recipe)
    arms: Annotated[tuple[Arm, ...], AfterValidator(_different)]

    @field_validator("seeds", mode="before")
    @classmethod
    def _count(cls, given: Any) -> Any:
        """`seeds = 3` means the seeds 0, 1, 2."""
        if isinstance(given, int) and not isinstance(given, bool):
            if given < 1:
                raise ValueError(f"expected at least one seed, got {given}")
            return tuple(range(given))
        return given

    @field_serializer("seeds")
    def _list(self, seeds: tuple[int, ...]) -> list[int]:
        return list(seeds)

    @model_validator(mode="after")
    def _all_of_a_path(self) -> Self:
        if self.warm_start and self.until_settled:
            raise ValueError("warm_start and until_settled exclude each other: a path needs all its arms on every seed")
        return self

    @model_validator(mode="after")
    def _other_treatments(self) -> Self:
        """An arm that names the recipe's own preprocessing is the arm that does not."""
        names: dict[str, str] = {}
        for arm in self.arms:
            same = arm.model_copy(update={"preprocess": self.recipe.preprocess_of(arm)}).name
            if same in names:
                raise ValueError(f"the arms {names[same]!r} and {arm.name!r} are the same treatment")
            names[same] = arm.name
        return self

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of every field that changes what is trained, 64 hexadecimal digits."""
        # Studies older than these fields keep their digest.
        idle = {name for name in ("until_settled", "warm_start") if not getattr(self, name)}
        identity = self.model_dump(mode="json", exclude={"verdict", *idle})
        text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def folder_name(self) -> str:
        """The name and enough of the digest that a changed study gets another folder."""
        return f"{self.name}-{self.digest[:8]}"

    @property
    def paths(self) -> list[list[Arm]]:
        """The arms with a penalty that differ in λ alone, by rising λ."""
        found: dict[tuple[str, str, str], list[Arm]] = {}
        for arm in self.arms:
            if arm.penalty:
                found.setdefault((*self._base(arm), arm.penalty.family), []).append(arm)
        return [sorted(arms, key=lambda arm: arm.lam) for arms in found.values()]

    def plain(self, arm: Arm) -> Arm | None:
        """The arm without a penalty that differs from this one in nothing else; None where there is none."""
        return next((one for one in self.arms if not one.penalty and self._base(one) == self._base(arm)), None)

    def _base(self, arm: Arm) -> tuple[str, str]:
        return arm.norm, self.recipe.preprocess_of(arm)

    def arm(self, name: str) -> Arm:
        """The arm called `name`; raises `UnknownName` otherwise."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise UnknownName("arm", name, [arm.name for arm in self.arms])

    def to_toml(self) -> str:
        """The study as a file that `from_toml` reads back to an equal value."""
        return tomli_w.dumps(self.model_dump(mode="json"))
