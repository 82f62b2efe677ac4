"""What a study is: frozen, validated values, TOML in and out, and a digest.

A study is a recipe (what all arms share), its arms (one treatment each) and its seeds (paired across arms). Two
studies with the same digest are the same study; change one field and it is another one.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import tomli_w
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from normlab.errors import SpecError, UnknownName

Positive = Annotated[int, Field(ge=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Spec(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Optimizer(Spec):
    """How weights move. `weight_decay` acts on the weights of convolutions and linear layers only, in every arm."""

    kind: Literal["sgd", "adamw"] = "sgd"
    lr: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.01
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: bool = False
    weight_decay: NonNegative = 0.0

    @model_validator(mode="after")
    def _nesterov_moves(self) -> Self:
        """Nesterov's step looks ahead along the momentum."""
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, got 0")
        return self


class Schedule(Spec):
    """How the learning rate moves over the steps of a run.

    `constant` keeps it; `one-cycle` rises linearly over the first `warmup` share of the steps to the optimizer's
    `lr` and falls by a cosine to `final` times it (after L. N. Smith, arXiv 1708.07120).
    """

    kind: Literal["constant", "one-cycle"] = "constant"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.2
    final: Annotated[float, Field(ge=0, le=1)] = 0.01


class Augment(Spec):
    """Random changes of each training image: uniform in ±`rotation` degrees, ±`shift` pixels, 1 ± `scale`."""

    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    shift: Annotated[float, Field(ge=0, le=64)] = 0.0
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @property
    def idle(self) -> bool:
        """Whether images pass unchanged."""
        return not (self.rotation or self.shift or self.scale)


class Judging(Spec):
    """How the verdict is reached: the confidence that all verdicts of one kind hold together, and what matters.

    Arms that differ by less than `margin` percentage points of accuracy are as good as each other. Neither changes what
    is trained, so a study may be judged anew; who fixes them beforehand has the stronger claim.
    """

    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    margin: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 0.1


class Recipe(Spec):
    """What all arms share.

    `holdout` training images are kept out and judged instead of the test set, for tuning. Of the others, `train_images`
    are trained on; 0 means all.
    """

    preset: str = "lean"
    model: str = "lean"
    dataset: str = "mnist"
    epochs: Positive = 4
    batch_size: Positive = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    holdout: Annotated[int, Field(ge=0)] = 0
    train_images: Annotated[int, Field(ge=0)] = 0
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    augment: Augment = Augment()

    @model_validator(mode="before")
    @classmethod
    def _over_preset(cls, given: Any) -> Any:
        """A recipe may be a preset's name, or a table whose fields go over those of its preset."""
        if isinstance(given, str):
            given = {"preset": given}
        if not isinstance(given, Mapping):
            return given
        name = str(given.get("preset", "lean"))
        if name not in PRESETS:
            raise UnknownName("recipe", name, PRESETS)
        return _merged(PRESETS[name], given)

    @property
    def judged_on(self) -> str:
        """Which images the evaluation uses: "test", or "held-out" when some training images are kept out."""
        return "held-out" if self.holdout else "test"


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        nested = isinstance(value, Mapping) and isinstance(both.get(key), Mapping)
        both[key] = _merged(both[key], value) if nested else value
    return both


PRESETS: dict[str, dict[str, Any]] = {
    # The course's own recipe. Its images are rotated before normalizing here, so corners stay background.
    "course": {
        "preset": "course",
        "model": "course",
        "epochs": 20,
        "batch_size": 128,
        "dropout": 0.05,
        "optimizer": {"kind": "sgd", "lr": 0.01, "momentum": 0.9},
        "schedule": {"kind": "constant"},
        "augment": {"rotation": 7.0},
    },
    # Ours, tuned on held-out training images only: docs/tuning.md and studies/lean list what was tried.
    "lean": {
        "preset": "lean",
        "model": "lean",
        "epochs": 4,
        "batch_size": 128,
        "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
        "schedule": {"kind": "one-cycle", "warmup": 0.2, "final": 0.01},
        "augment": {"rotation": 10.0, "shift": 1.5, "scale": 0.1},
    },
}


Kind = Literal["subgrad", "prox", "spred", "group", "gamma", "l2", "elastic"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of penalties; `normlab.penalties` has a file for each."""
LABELS: dict[Kind, str] = {"subgrad": "L1", "l2": "L2"}
"""What kinds are called in the names of arms, where that is not their own name."""


class Penalty(Spec):
    """What is added to the data loss, or done to the parameters after each step in its place.

    Args:
        kind: one of `KINDS`.
        lam: λ, written `lambda` in files; 0 is no penalty.
        on: the parameters that it acts on: "weights" (kernels of convolutions and linear layers), "all", "scales" (γ of
            norms), or a pattern of parameter names such as "conv*.weight". Kind `gamma` acts on "scales", all others on
            "weights" unless they are told.
        mix: for `elastic`, the share of L1, from 0 (all L2) to 1 (all L1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    kind: Kind
    lam: Annotated[NonNegative, Field(alias="lambda", strict=True)]
    on: Annotated[str, Field(min_length=1)] = "weights"
    mix: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="before")
    @classmethod
    def _on_scales(cls, given: Any) -> Any:
        """`gamma` acts on scales where nothing is said."""
        if isinstance(given, Mapping) and given.get("kind") == "gamma":
            return {"on": "scales", **given}
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "gamma" and self.on in ("weights", "all"):
            raise ValueError(f"gamma acts on 'scales' or a pattern of their names, got on = {self.on!r}")
        if self.kind != "elastic" and self.mix != 0.5:
            raise ValueError(f"mix is the share of L1 in an elastic penalty, and this one is {self.kind}")
        return self

    @model_serializer(mode="wrap")
    def _without_idle_mix(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in plain(self).items() if key != "mix" or self.kind == "elastic"}

    @property
    def label(self) -> str:
        """What its kind is called, for instance `prox` or `L1`."""
        return LABELS.get(self.kind, self.kind)

    @property
    def family(self) -> str:
        """What penalties that differ in λ alone are called together, for instance `prox` or `L1 on all`."""
        return self.label + self._aside

    @property
    def name(self) -> str:
        """What it is called in the names of arms, for instance `prox 0.0001` or `L1 0.001 on all`."""
        return f"{self.label} {self.lam:g}{self._aside}"

    @property
    def _aside(self) -> str:
        usual = "scales" if self.kind == "gamma" else "weights"
        place = "" if self.on == usual else f" on {self.on}"
        return ("" if self.mix == 0.5 else f" mix {self.mix:g}") + place


class Arm(Spec):
    """One treatment: a norm, and a penalty if any.

    `l1 = 1e-4` is short for `penalty = {kind = "subgrad", lambda = 1e-4}`, an L1 in the loss over the weights, and
    `l1_on = "all"` has it over all parameters as in the course. `penalty` is what counts, however it was written; None
    for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    norm: str
    l1: Annotated[NonNegative, Field(strict=True)] = 0.0
    l1_on: Literal["weights", "all"] = "weights"
    written: Annotated[Penalty | None, Field(alias="penalty")] = None

    @model_validator(mode="after")
    def _one_penalty(self) -> Self:
        if self.l1 and self.written:
            raise ValueError("l1 is short for a penalty of kind 'subgrad': give l1 or penalty, got both")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """One of the two ways only, so that studies older than `penalty` keep their digest."""
        left_out = {"l1", "l1_on"} if self.written else {"penalty"}
        return {key: value for key, value in plain(self).items() if key not in left_out}

    @property
    def penalty(self) -> Penalty | None:
        """The penalty, None where λ is 0."""
        if self.written:
            return self.written if self.written.lam else None
        return Penalty(kind="subgrad", lam=self.l1, on=self.l1_on) if self.l1 else None

    @property
    def lam(self) -> float:
        """λ, 0 without a penalty."""
        return self.penalty.lam if self.penalty else 0.0

    @property
    def name(self) -> str:
        """What the arm is called everywhere, for instance `bn` or `gn:4 + L1 0.0001`."""
        return f"{self.norm} + {self.penalty.name}" if self.penalty else self.norm


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
        found: dict[tuple[str, str], list[Arm]] = {}
        for arm in self.arms:
            if arm.penalty:
                found.setdefault((arm.norm, arm.penalty.family), []).append(arm)
        return [sorted(arms, key=lambda arm: arm.lam) for arms in found.values()]

    def arm(self, name: str) -> Arm:
        """The arm called `name`; raises `UnknownName` otherwise."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise UnknownName("arm", name, [arm.name for arm in self.arms])

    def to_toml(self) -> str:
        """The study as a file that `from_toml` reads back to an equal value."""
        return tomli_w.dumps(self.model_dump(mode="json"))


def parse(values: Mapping[str, Any]) -> Study:
    """A study from plain values; raises `SpecError` with the path of the first bad field and what is allowed."""
    try:
        return Study.model_validate(dict(values))
    except ValidationError as error:
        raise SpecError(_first_problem(error)) from None


def from_toml(text: str, where: str = "study") -> Study:
    """A study from TOML text; `where` names the file in errors."""
    try:
        return parse(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{where} is not valid TOML: {error}") from None
    except SpecError as error:
        raise type(error)(f"{where}: {error}") if type(error) is SpecError else error from None


def read(path: Path) -> Study:
    """A study from a TOML file."""
    try:
        return from_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot read the study {path}: {error}") from None


DEFAULT_NORMS = ("bn", "ln", "gn:4")
DEFAULT_L1 = (0.0, 1e-4)


def design(
    base: Study | None = None,
    *,
    norms: Sequence[str] | None = None,
    l1: Sequence[float] | None = None,
    l1_on: str = "weights",
    penalty: str | Sequence[str] = "subgrad",
    recipe: str | None = None,
    lr: float | None = None,
    level: float | None = None,
    margin: float | None = None,
    **fields: Any,
) -> Study:
    """A study from options: those that are given go over those of `base`, or over the defaults.

    Args:
        base: a study to change.
        norms, l1: every norm with every λ becomes an arm; by default bn, ln and gn:4, each without and with 1e-4.
        l1_on: what the penalty acts on, see `Penalty.on`.
        penalty: the kind, or kinds, of the penalty that λ is of.
        recipe: a preset, which replaces the base's recipe.
        lr: the optimizer's learning rate.
        level, margin: of the verdict.
        fields: any field of `Study` (name, seeds, device, …) or of `Recipe` (epochs, batch_size, …); None changes
            nothing.

    Raises `SpecError` where the result is no valid study.
    """
    given = {key: value for key, value in fields.items() if value is not None}
    values: dict[str, Any] = base.model_dump(mode="json") if base else {}
    values |= {key: value for key, value in given.items() if key not in Recipe.model_fields}
    shared = {key: value for key, value in given.items() if key in Recipe.model_fields}
    if lr is not None:
        shared = _merged(shared, {"optimizer": {"lr": lr}})
    start = values.get("recipe", {}) if recipe is None else {"preset": recipe}
    values["recipe"] = _merged(start, shared)
    judging = {"level": level, "margin": margin}
    values["verdict"] = values.get("verdict", {}) | {key: value for key, value in judging.items() if value is not None}
    if norms is not None or l1 is not None or "arms" not in values:
        every, lams = DEFAULT_NORMS if norms is None else norms, DEFAULT_L1 if l1 is None else l1
        values["arms"] = _cross(every, lams, l1_on, penalty)
    return parse(values)


def _cross(norms: Sequence[str], l1: Sequence[float], on: str, penalty: str | Sequence[str]) -> list[dict[str, Any]]:
    """Every norm with every λ of every kind: all norms with the first λ, then all with the next; without λ once."""
    kinds = [penalty] if isinstance(penalty, str) else list(penalty)
    return [
        {"norm": norm, **_charged(kind, lam, on)}
        for lam in l1
        for kind, norm in product(kinds if lam else kinds[:1], norms)
    ]


def _charged(kind: str, lam: float, on: str) -> dict[str, Any]:
    if kind == "subgrad" and on in ("weights", "all"):
        return {"l1": lam, "l1_on": on if lam else "weights"}
    if not lam:
        return {"l1": 0.0}
    place = {} if kind == "gamma" and on == "weights" else {"on": on}
    return {"penalty": {"kind": kind, "lambda": lam, **place}}


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"]) or "study"
    message = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    given = first["input"]
    if first["type"] == "extra_forbidden":
        return f"{path}: there is no such field; {_fields_beside(first['loc'])}{tail}"
    got = f", got {given!r}" if isinstance(given, str | int | float) and "got" not in message else ""
    return f"{path}: {message[:1].lower()}{message[1:]}{got}{tail}"


def _fields_beside(location: tuple[int | str, ...]) -> str:
    """The fields that exist where an unknown one was given."""
    level: type[BaseModel] = Study
    for part in location[:-1]:
        level = TABLES.get(str(part), level)
    return f"the fields there are {', '.join(field.alias or name for name, field in level.model_fields.items())}"


TABLES: dict[str, type[BaseModel]] = {
    "recipe": Recipe,
    "verdict": Judging,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "augment": Augment,
    "arms": Arm,
    "penalty": Penalty,
}
