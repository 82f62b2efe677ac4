"""The whole comparison: a recipe, the arms that change it, the seeds, and how the verdict is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import tomli_w
from pydantic import AfterValidator, Field, field_validator, model_validator

from normlab.errors import SpecError, UnknownName
from normlab.spec import cross, links, sources
from normlab.spec.arm import Arm, varied
from normlab.spec.base import Seed, Spec
from normlab.spec.fields import Value, find, flat, known, nested
from normlab.spec.links import Link
from normlab.spec.recipe import Recipe, over_preset

if TYPE_CHECKING:
    from normlab.outcomes import Outcome

MOST_SEEDS = 10_000
USUAL_OUTCOME, USUAL_MARGIN = "accuracy", 0.1
"""What studies are judged by where they do not say, and the points of it that do not matter."""
JUDGED_BY = ("dataset", "holdout")
"""Fields that decide on the images that arms are judged by."""


class Judging(Spec):
    """How the verdict is reached: by what, what matters, and the confidence that all claims of one kind hold together.

    Arms are judged by the primary `outcome`, see `outcomes`; those that differ in it by less than `margin`, in its own
    unit, are as good as each other. Accuracy has a usual one of 0.1 points, the others have none. Nothing of this
    changes what is trained, so a study may be judged anew; who fixes it beforehand has the stronger claim.
    """

    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    margin: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = USUAL_MARGIN
    outcome: str = USUAL_OUTCOME

    @model_validator(mode="after")
    def _judgeable(self) -> Self:
        """An outcome that is there, with a number for every run, and a margin in its unit."""
        if not self.usual and (asked := self.primary) and "margin" not in self.model_fields_set:
            raise SpecError(
                f"verdict.margin: there is no usual margin for {asked.title}; say what does not matter, for instance "
                f"--margin 0.01 for 0.01{asked.behind}"
            )
        return self

    @property
    def usual(self) -> bool:
        """Whether it is by accuracy."""
        return self.outcome == USUAL_OUTCOME

    @property
    def primary(self) -> Outcome:
        """The outcome; raises `SpecError` for one that no verdict can be on."""
        from normlab.outcomes import primary  # which takes NumPy: help and most studies do without

        return primary(self.outcome)

    @property
    def collapse(self) -> float:
        """Points of accuracy that a run loses at least which has collapsed, whatever arms are judged by."""
        return self.margin if self.usual else USUAL_MARGIN


class Tuning(Spec):
    """How some fields of each arm were chosen, see `spec.tuning`.

    `trials` is the study that tried values, `fixed` the one at the recipe's own, `seeds` are those of the trials.
    """

    trials: str
    fixed: str
    fields: tuple[str, ...]
    seeds: tuple[Seed, ...]


NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What a study may be called: its folder in a project."""
TAKEN = ("weights", "runs.db")
"""What a project's folder has beside its studies."""


def _free(name: str) -> str:
    if name in TAKEN:
        raise ValueError(f"a project's folder has something else of this name, got {name!r}")
    return name


def _distinct(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if not seeds:
        raise ValueError("expected at least one seed, got none")
    if len(seeds) > MOST_SEEDS:
        raise ValueError(f"expected at most {MOST_SEEDS:,} seeds, got {len(seeds):,}")
    if len(set(seeds)) != len(seeds):
        raise ValueError("the same seed stands twice")
    return seeds


class Study(Spec):
    """The whole comparison: every arm trained on every seed.

    `recipe` holds the values that the arms share, and `links` those of them that follow another field. `vary` are
    factors with their levels, which are crossed; `by_hand` (called `arms` in files) are arms of their own. Where there
    is neither, the recipe itself is the only arm.

    `questions` are the factors that verdicts are wanted on, all where none is named; with a `baseline` every other arm
    is compared with that one alone. With `until_settled`, the seeds are the most that may be taken: they are added one
    after the other to arms whose pairs are not settled yet, and the verdict accounts for looking after each of them.
    In a `race` an arm takes no more of them once another is shown to be better, whatever else is open about it.
    With `warm_start`, arms that differ only in λ are a path: each starts from the final weights of the one with the
    next smaller λ, so that the k-th has been trained k times as long.

    With `sources`, each of them (true: every one, or some by name, see `seeds.SOURCES`) is also varied alone: runs in
    which it follows the seed and everything else is held say where the variance between seeds comes from.

    Where there was `tuning`, arms differ in its fields because each has the values that did best for it: they are no
    factors, and no question is about them.
    """

    name: Annotated[str, Field(pattern=NAME), AfterValidator(_free)] = "compare"
    seeds: Annotated[tuple[Seed, ...], AfterValidator(_distinct)] = (0, 1, 2)
    root: Annotated[int, Field(ge=0)] = 0
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    engine: Literal["auto", "lanes", "eager", "reference"] = "auto"
    until_settled: bool = False
    race: bool = False
    warm_start: bool = False
    sources: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    baseline: str = ""
    tuning: Tuning | None = None
    verdict: Judging = Judging()
    recipe: Recipe = Field(default_factory=Recipe)
    links: dict[str, Link] = Field(default_factory=dict)
    vary: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    by_hand: tuple[dict[str, Any], ...] = Field(default=(), alias="arms")

    @model_validator(mode="before")
    @classmethod
    def _tables(cls, given: Any) -> Any:
        """Tables as people write them: links stand in the recipe, factors and changes by dotted path or in tables."""
        if not isinstance(given, Mapping):
            return given
        if "links" in given:
            raise SpecError(
                'links: they stand in the recipe, as optimizer.lr = {base = 0.1, per = "batch_size", at = 128}'
            )
        recipe, found = _recipe(given.get("recipe", {}))
        read = {"recipe": recipe, "links": found}
        if isinstance(given.get("vary"), Mapping):
            read["vary"] = _factors(flat(given["vary"]))
        return {**given, **read}

    @field_validator("seeds", mode="before")
    @classmethod
    def _count(cls, given: Any) -> Any:
        """`seeds = 3` means the seeds 0, 1, 2."""
        if isinstance(given, int) and not isinstance(given, bool):
            if not 1 <= given <= MOST_SEEDS:
                raise ValueError(f"expected 1 to {MOST_SEEDS:,} seeds, got {given}")
            return tuple(range(given))
        return given

    @field_validator("sources", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return sources.read(given)

    @field_validator("by_hand", mode="before")
    @classmethod
    def _changes(cls, given: Any) -> Any:
        """Each a name, if any, and fields by dotted path."""
        if not isinstance(given, Sequence) or not all(isinstance(arm, Mapping) for arm in given):
            return given
        return tuple(_read_arm(arm) for arm in given)

    @model_validator(mode="after")
    def _all_of_a_path(self) -> Self:
        if self.warm_start and self.until_settled:
            raise ValueError("warm_start and until_settled exclude each other: a path needs all its arms on every seed")
        for name in ("warm_start", "tuning"):
            if getattr(self, name) and not self.verdict.usual:
                raise SpecError(f"{name}: it chooses by accuracy, and not by {self.verdict.outcome}: leave one out")
        if self.race and not self.until_settled:
            raise ValueError("race goes with until_settled: arms fall out of it while seeds are added")
        unfolding = {"race": self.race, "until_settled": self.until_settled, "warm_start": self.warm_start}
        sources.refuse(self.sources, len(self.seeds), unfolding)
        return self

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        """Arms are made, so that what is wrong with one is told now; so is a question about nothing."""
        if self.baseline not in ("", *(arm.name for arm in self.arms)):
            raise UnknownName("baseline", self.baseline, [arm.name for arm in self.arms])
        for path in JUDGED_BY:
            if path in self.factors:
                raise SpecError(
                    f"vary.{path}: arms have to be judged on the same images; make it a study for each {path}"
                    f"{', as --data A,B does' if path == 'dataset' else ''}"
                )
        if self.tuning and (both := sorted({*self.seeds} & {*self.tuning.seeds})):
            raise SpecError(f"seeds: {both[0]} chose the values of these arms, and is never judged: take other seeds")
        for asked in self.questions:
            if find(asked).path not in self.factors:
                there = ", ".join(self.factors) or "none"
                raise SpecError(f"questions: {asked!r} is the same in all arms; the factors of this study are {there}")
        return self

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Every arm, the crossed ones first, with the first factor changing fastest."""
        return cross.arms(self.stated, self.vary, self.by_hand)

    @property
    def digests(self) -> tuple[str, ...]:
        """What each arm trains, whatever it is called; code and images of one's own aside (see `Job.treatment`)."""
        return tuple(arm.recipe.digest for arm in self.arms)

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """The paths of the fields in which arms differ, in the recipe's order; those that were tuned are none."""
        chosen = self.tuning.fields if self.tuning else ()
        return tuple(path for path in varied([(arm.recipe, arm.stated) for arm in self.arms]) if path not in chosen)

    @property
    def stated(self) -> dict[str, Value]:
        """The recipe's fields by path, links as links."""
        return {path: field.of(self.recipe) for path, field in known().items()} | self.links

    @property
    def unfolds(self) -> bool:
        """Whether what comes next depends on how other runs end: which arms are open, or whose weights go on."""
        return self.until_settled or self.warm_start

    @property
    def paths(self) -> list[list[Arm]]:
        """The arms with a penalty that differ in λ alone, by rising λ."""
        found: dict[Recipe, list[Arm]] = {}
        for arm in self.arms:
            if arm.recipe.penalty.lam:
                found.setdefault(_with_penalty(arm.recipe, lam=1.0), []).append(arm)
        return [sorted(arms, key=lambda arm: arm.recipe.penalty.lam) for arms in found.values()]

    def plain(self, arm: Arm) -> Arm | None:
        """The arm without a penalty that differs from this one in nothing else; None where there is none."""
        bare = arm.recipe.model_copy(update={"penalty": type(arm.recipe.penalty)()})
        return next((one for one in self.arms if one.recipe == bare), None)

    def arm(self, name: str) -> Arm:
        """The arm called `name`; raises `UnknownName` otherwise."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise UnknownName("arm", name, [arm.name for arm in self.arms])

    def to_dict(self) -> dict[str, Any]:
        """The study as tables, as a file has them."""
        plain = {"name", "seeds", "root", "device", "engine", "until_settled", "warm_start", "verdict"}
        tables = self.model_dump(mode="json", include=plain)
        if self.verdict.usual:
            del tables["verdict"]["outcome"]
        tables |= {
            key: value for key, value in {"questions": [*self.questions], "baseline": self.baseline}.items() if value
        }
        if self.race:
            tables["race"] = True
        if self.sources:
            tables["sources"] = sources.written(self.sources)
        if self.tuning:
            tables["tuning"] = self.tuning.model_dump(mode="json")
        tables["recipe"] = nested({path: _written(value) for path, value in self.stated.items()})
        if self.vary:
            tables["vary"] = {path: [_written(level) for level in levels] for path, levels in self.vary.items()}
        if self.by_hand:
            tables["arms"] = [_arm_table(arm) for arm in self.by_hand]
        return tables

    def to_toml(self) -> str:
        """The study as a file that `from_toml` reads back to an equal value."""
        return tomli_w.dumps(self.to_dict())


def _recipe(given: Any) -> tuple[Any, dict[str, Link]]:
    """The recipe with its links worked out, and the links."""
    if isinstance(given, Recipe):
        return given, {}
    table = over_preset(given)
    if not isinstance(table, Mapping):
        return table, {}
    stated = {path: links.read(path, value) for path, value in flat(table).items()}
    if isinstance(stated.get("dataset"), list):
        raise SpecError("recipe.dataset: several data sets are for `normlab compare`; name one, got a list")
    found = {path: value for path, value in stated.items() if isinstance(value, Link)}
    usual = {path: field.default for path, field in known().items()}  # so that no other preset fills the gaps
    return nested(links.resolved(usual | stated)), found


def _factors(vary: Mapping[str, Any]) -> dict[str, Any]:
    return {path: cross.levels(path, given) for path, given in vary.items()}


def _read_arm(given: Mapping[str, Any]) -> dict[str, Any]:
    name = given.get("name", "")
    if not isinstance(name, str) or len(name) > 80 or not name.isprintable():
        raise SpecError(f"arms: a name is a line of at most 80 letters, got {str(name)[:80]!r}")
    changes = flat({key: value for key, value in given.items() if key != "name"})
    read = {path: links.read(path, value) for path, value in changes.items()}
    return {**({"name": name.strip()} if name.strip() else {}), **read}


def _arm_table(arm: Mapping[str, Any]) -> dict[str, Any]:
    changes = nested({path: _written(value) for path, value in arm.items() if path != "name"})
    return ({"name": arm["name"]} if "name" in arm else {}) | changes


def _written(value: Value) -> Any:
    """A value as a file has it."""
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, Link) else value


def _with_penalty(recipe: Recipe, **changes: Any) -> Recipe:
    return recipe.model_copy(update={"penalty": recipe.penalty.model_copy(update=changes)})
