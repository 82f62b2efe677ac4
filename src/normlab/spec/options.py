"""A study from options, as the command line and `compare` take them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from normlab.spec.files import parse
from normlab.spec.recipe import Recipe, merged
from normlab.spec.study import Study

DEFAULT_NORMS = ("bn", "ln", "gn:4")
DEFAULT_L1 = (0.0, 1e-4)


def design(
    base: Study | None = None,
    *,
    norms: Sequence[str] | None = None,
    l1: Sequence[float] | None = None,
    l1_on: str = "weights",
    penalty: str | Sequence[str] = "subgrad",
    preprocess: str | Sequence[str] | None = None,
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
        preprocess: one for all arms; or several, with each of which every arm becomes one.
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
        shared = merged(shared, {"optimizer": {"lr": lr}})
    start = values.get("recipe", {}) if recipe is None else {"preset": recipe}
    values["recipe"] = merged(start, shared)
    judging = {"level": level, "margin": margin}
    values["verdict"] = values.get("verdict", {}) | {key: value for key, value in judging.items() if value is not None}
    if norms is not None or l1 is not None or "arms" not in values:
        every, lams = DEFAULT_NORMS if norms is None else norms, DEFAULT_L1 if l1 is None else l1
        values["arms"] = _cross(every, lams, l1_on, penalty)
    if preprocess is not None:
        values = _preprocessed(values, [preprocess] if isinstance(preprocess, str) else preprocess)
    return parse(values)


def _preprocessed(values: dict[str, Any], chosen: Sequence[str]) -> dict[str, Any]:
    """One preprocessing is the recipe's, several make each arm as many; either takes the place of the arms' own."""
    bare: list[dict[str, Any]] = []
    for arm in values["arms"]:
        rest = {key: value for key, value in arm.items() if key != "preprocess"}
        bare += [] if rest in bare else [rest]
    if len(chosen) == 1:
        return values | {"arms": bare, "recipe": values["recipe"] | {"preprocess": chosen[0]}}
    return values | {"arms": [{**arm, "preprocess": how} for arm in bare for how in chosen]}


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
