"""What a field of the recipe is to people: everything that help, names of arms, axes and questions say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Scale = Literal["nominal", "ordered", "log"]
"""How levels stand to each other: nothing but different, ordered, or ordered by their ratios."""


def _always(_recipe: Any) -> bool:
    return True


def _itself(level: Any, *, exact: bool) -> Any:  # noqa: ARG001 - it always is
    return level


@dataclass(frozen=True)
class Setting:
    """Stands beside a field's type and range, in the field's own line.

    Args:
        help: what it is, a sentence or less.
        word: what is written before a level in the name of an arm, as in `batch 32`; empty where levels speak for
            themselves.
        unit: what is written behind a level.
        scale: how its levels are ordered.
        zero: what 0 is called where it stands for no amount and lies above all that are; empty where it is an amount.
        option: its short option on the command line, where it has one; all are reached by `--set` and `--vary`.
        title: what axes and questions call it, where the last word of its path is not what people say.
        apart: what arms that differ in it do not share, though they have the same seed, to be said after "but not";
            empty where all is shared.
        brief: what a level is called for short, given it and whether it has to be exact to tell it from others.
        table: whether it is a table of names and values, kept as JSON text.
        when: whether the field changes anything in a recipe; where it does not, its value is no part of the recipe.
        later: whether runs were published before the field was there. At its default it is no part of the digest then,
            so that those runs keep their keys.
    """

    help: str
    word: str = ""
    unit: str = ""
    scale: Scale = "nominal"
    zero: str = ""
    option: str = ""
    title: str = ""
    apart: str = ""
    brief: Callable[..., Any] = _itself
    table: bool = False
    when: Callable[[Any], bool] = _always
    later: bool = False
