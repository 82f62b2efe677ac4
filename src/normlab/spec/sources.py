"""The sources of variance that a study looks at one at a time: which there are, and which a recipe has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from normlab.errors import SpecError, UnknownName
from normlab.spec.recipe import Recipe

EVERY = ("init", "order", "augment", "dropout", "split")
"""The names of `seeds.SOURCES`, which takes NumPy: help and most studies do without."""


def read(given: Any) -> Any:
    """`true` means every source, and one name is a list of it; raises `UnknownName` for another name."""
    if isinstance(given, bool) or given is None:
        return EVERY if given else ()
    names = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    if not isinstance(names, Sequence):
        return given
    for name in names:
        if name not in EVERY:
            raise UnknownName("source of variance", str(name), EVERY)
    return tuple(name for name in EVERY if name in names)


def written(sources: tuple[str, ...]) -> bool | list[str]:
    """As a file has them."""
    return sources == EVERY or [*sources]


def refuse(sources: tuple[str, ...], seeds: int, others: dict[str, bool]) -> None:
    """Raise `SpecError` where one source at a time makes no sense: on one seed, or with what adds or links runs."""
    if not sources:
        return
    if seeds < 2:
        raise SpecError("sources: one seed has no variance between seeds: take --seeds 8, or leave it out")
    for name, on in others.items():
        if on:
            raise SpecError(
                f"sources and {name} exclude each other: components are estimated on a number of seeds that is fixed "
                "beforehand, every run from its seed alone: leave one out (--no-sources)"
            )


def lacking(recipe: Recipe, *, own: bool = False) -> tuple[str, ...]:
    """Those that a recipe has not: nothing would differ between seeds.

    What a network of one's `own` draws by itself is not known beforehand.
    """
    absent = {
        "dropout": not (recipe.dropout or own),
        "augment": not (recipe.augment.moving or recipe.augment.cutout),
        "split": not (recipe.holdout or recipe.train_images),
    }
    return tuple(name for name, so in absent.items() if so)
