"""A study from options, as the command line and `compare` take them: short forms of fields set and fields varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from normlab.errors import SpecError, UnknownName
from normlab.spec.fields import Value, find
from normlab.spec.files import parse
from normlab.spec.images import images
from normlab.spec.links import Link
from normlab.spec.recipe import Recipe
from normlab.spec.study import USUAL_OUTCOME, Study

DEFAULT_NORMS = ("bn", "ln", "gn:4")
DEFAULT_L1 = (0.0, 1e-4)
Several = str | float | Sequence[str] | Sequence[float]


class Options(TypedDict, total=False):
    """What a study is made of, or changed by. None, or left out, changes nothing.

    `recipe` is a preset and replaces the study's recipe. `set` gives fields of the recipe another value in all arms,
    `vary` makes factors of them, which are crossed; `arms` adds arms by hand, each a table of changes with a `name` if
    it is to have one. `questions` are the factors that verdicts are wanted on, `baseline` the arm that all others are
    compared with. `fresh_seeds` takes seeds that the study has not had.

    `dataset` is a name, or the path of a folder or file with images. `resize` makes those N×N pixels, `grey`
    takes their colours away, and `bad_images`, "skip" or "fail", says what becomes of those that cannot be read.

    The others are short: of fields of the study (name, seeds, root, device, engine, until_settled, race, warm_start,
    sources),
    of its verdict (level, margin, outcome), and of fields of the recipe, which one value sets and several vary.
    """

    recipe: str | None
    set: Mapping[str, Value] | None
    vary: Mapping[str, Sequence[Value]] | None
    arms: Sequence[Mapping[str, Value]] | None
    norms: str | Sequence[str] | None
    l1: float | Sequence[float] | None
    l1_on: str | Sequence[str] | None
    penalty: str | Sequence[str] | None
    preprocess: str | Sequence[str] | None
    model: str | Sequence[str] | None
    model_args: str | Mapping[str, Value] | Sequence[Mapping[str, Value]] | None
    dataset: str | None
    resize: int | None
    grey: bool | None
    bad_images: str | None
    epochs: int | Sequence[int] | None
    batch_size: int | Sequence[int] | None
    lr: float | Sequence[float] | None
    dropout: float | Sequence[float] | None
    flip: float | Sequence[float] | None
    crop: int | Sequence[int] | None
    cutout: int | Sequence[int] | None
    holdout: int | None
    train_images: int | Sequence[int] | None
    name: str | None
    seeds: int | Sequence[int] | None
    fresh_seeds: bool | None
    root: int | None
    device: str | None
    engine: str | None
    until_settled: bool | None
    race: bool | None
    sources: bool | Sequence[str] | None
    warm_start: bool | None
    questions: Sequence[str] | None
    baseline: str | None
    level: float | None
    margin: float | None
    outcome: str | None


SHORT = {
    "norms": "norm",
    "penalty": "penalty.kind",
    "l1_on": "penalty.on",
    "l1": "penalty.lambda",
    "lr": "optimizer.lr",
}
"""Options that are called otherwise than their field."""
FIELDS = (
    *SHORT,
    *("model", "model_args", "preprocess", "dataset", "epochs", "batch_size", "dropout", "holdout", "train_images"),
    *("flip", "crop", "cutout"),
)
STUDY = (
    *("name", "seeds", "root", "device", "engine", "until_settled", "race", "warm_start", "sources"),
    *("questions", "baseline"),
)


def design(base: Study | None = None, **options: Unpack[Options]) -> Study:
    """A study from options: those that are given go over those of `base`, or over the defaults.

    Without a base, and where no norm is named, no factor and no arm, the study is the default question:
    bn, ln and gn:4, each without and with L1 of 1e-4.

    Raises `SpecError` where the result is no valid study, and `UnknownName` for an option that is not there.
    """
    for name in options.keys() - Options.__annotations__.keys():
        raise UnknownName("option", name, Options.__annotations__)
    given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    tables = base.to_dict() if base else {}
    if "recipe" in given:
        tables["recipe"] = {"preset": given["recipe"]}
    tables |= {key: given[key] for key in STUDY if key in given}
    tables["verdict"] = _judging(tables.get("verdict", {}), given)
    fixed, varied = _fields(given)
    if base is None:
        varied |= _usual_factors(fixed | varied, alone=not varied and not given.get("arms"))
    recipe = _put(tables.get("recipe", {}), fixed)
    usual = recipe.get("dataset", Recipe.model_fields["dataset"].default)
    read = read_so(usual, given)
    tables["recipe"] = recipe if read == usual else {**recipe, "dataset": read}
    tables["vary"] = {path: each for path, each in tables.get("vary", {}).items() if path not in fixed} | varied
    tables["arms"] = [*tables.get("arms", ()), *given.get("arms", ())]
    return parse(tables)


def _judging(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The rules with those that are given over them; a margin goes with the outcome whose unit it is in."""
    judging = {key: given[key] for key in ("level", "margin", "outcome") if key in given}
    before = known.get("outcome", USUAL_OUTCOME)
    if judging.get("outcome", before) != before:
        known = {key: value for key, value in known.items() if key != "margin"}
    return {**known, **judging}


def read_so(dataset: str, asked: Mapping[str, Any]) -> str:
    """A recipe's `dataset` with its images read as the options `resize`, `grey` and `bad_images` say.

    Raises `SpecError` where they make no sense.
    """
    given = {key: asked[key] for key in ("resize", "grey") if asked.get(key) is not None}
    if (bad := asked.get("bad_images")) is not None:
        if bad not in ("skip", "fail"):
            raise SpecError(f"bad_images: expected skip or fail, got {bad!r}")
        given["skip_bad"] = bad == "skip"
    return str(images(str(replace(images(dataset), **given)))) if given else dataset


def _fields(given: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, list[Value]]]:
    """What is set and what is varied, by path: the short options first, `set` and `vary` over them."""
    levels = {find(SHORT.get(name, name)).path: _levels(name, given[name]) for name in FIELDS if name in given}
    fixed = {path: each[0] for path, each in levels.items() if len(each) == 1}
    varied = {path: each for path, each in levels.items() if len(each) > 1}
    fixed |= {find(name).path: value for name, value in given.get("set", {}).items()}
    varied |= {find(name).path: _levels(f"vary.{name}", each) for name, each in given.get("vary", {}).items()}
    return {path: value for path, value in fixed.items() if path not in varied}, varied


def _levels(name: str, given: Any) -> list[Value]:
    several = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if not several:
        raise SpecError(f"{name}: expected at least one value, got none")
    return several


def _usual_factors(stated: Mapping[str, Any], *, alone: bool) -> dict[str, list[Value]]:
    """The default question's factors, as far as nothing else is asked."""
    factors: dict[str, list[Value]] = {}
    if alone and "norm" not in stated:
        factors["norm"] = [*DEFAULT_NORMS]
    if "penalty.lambda" not in stated and (factors or "penalty.kind" in stated):
        factors["penalty.lambda"] = [*DEFAULT_L1]
    return factors


def _put(tables: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """Tables in tables with other values at some paths; a link is replaced whole."""
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
    for path, value in values.items():
        *parents, last = path.split(".")
        table = changed
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value.model_dump(mode="json") if isinstance(value, Link) else value
    return changed
