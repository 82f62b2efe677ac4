"""An arm: a name and the fields that it changes in the study's recipe. The name is a label and never an identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute

from normlab.spec import arguments
from normlab.spec.fields import RecipeField, Value, known
from normlab.spec.recipe import Recipe

PENALTY = "penalty."
"""The fields of the penalty are written together, as `L1 0.0001`."""


@dataclass(frozen=True)
class Arm:
    """One arm of a study.

    Args:
        name: what it is called in this study: given, or made from what differs in it.
        base: the name without its penalty, for instance `bn` of `bn + L1 0.0001`.
        recipe: what its runs compute, links worked out and idle fields at their defaults; arms with equal recipes are
            one treatment.
        stated: every field as the study states it, with links as links: what arms are compared by.
        given: whether the name was given by a person.
    """

    name: str
    base: str
    recipe: Recipe
    stated: Mapping[str, Value] = attribute(compare=False, repr=False)
    given: bool = attribute(default=False, compare=False)

    def counts(self, path: str) -> bool:
        """Whether a field changes anything in this arm."""
        return known()[path].counts(self.recipe)


def varied(arms: Sequence[tuple[Recipe, Mapping[str, Value]]]) -> list[str]:
    """The fields in which these differ, in the recipe's order; where one changes nothing it makes no difference."""
    found = []
    for path, each in known().items():
        levels = [stated[path] for recipe, stated in arms if each.counts(recipe)]
        if any(level != levels[0] for level in levels):
            found.append(path)
    return found


def label(
    recipe: Recipe, varying: Sequence[str], *, penalised: bool = True, exact: bool = False, common: str = ""
) -> str:
    """What an arm is called among others: `gn:4 · batch 32 + L1 0.0001`.

    The norm stands first and is always there where nothing else would name the arm; preprocessing and penalty, what is
    done beside the network, stand last. With `exact`, numbers have all their digits. Arguments of the network that are
    `common` to all arms (`arguments.shared`) are left out.
    """
    first = levels(recipe, varying, exact=exact, common=common)
    stem = [recipe.norm] if "norm" in varying or not first else []
    return " + ".join([" · ".join([*stem, *first]), *beside(recipe, varying, penalised=penalised, exact=exact)])


def levels(recipe: Recipe, varying: Sequence[str], *, exact: bool = False, common: str = "") -> list[str]:
    """What a recipe is called by its numbers and words, the norm's and what is done beside the network left out."""
    plain = [path for path in varying if path not in ("norm", "preprocess") and not path.startswith(PENALTY)]
    counting = [known()[path] for path in plain if known()[path].counts(recipe)]
    return [level(recipe, each, exact=exact, common=common) for each in counting]


def level(recipe: Recipe, field: RecipeField, *, exact: bool = False, common: str = "") -> str:
    """A field's value in a recipe, as people read it among others; arguments that all have are left out."""
    value = field.of(recipe)
    return field.write(arguments.without(value, common) if field.setting.table else value, exact=exact)


def beside(recipe: Recipe, varying: Sequence[str], *, penalised: bool = True, exact: bool = False) -> list[str]:
    """What is done beside the network: its preprocessing and, where `penalised`, its penalty, if any."""
    found: list[str] = [recipe.preprocess] if "preprocess" in varying else []
    if penalised and recipe.penalty.lam and any(path.startswith(PENALTY) for path in varying):
        found.append(recipe.penalty.exact_name if exact else recipe.penalty.name)
    return found
