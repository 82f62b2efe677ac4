"""Recipes as an arm resolves them."""

from __future__ import annotations

from normlab.spec import Penalty, Recipe, canonical


def recipe(norm: str = "bn", penalty: Penalty | None = None, l1: float = 0.0, **fields: object) -> Recipe:
    """A recipe over a preset; `l1` is the course's, in the loss and on all parameters."""
    charged = penalty or Penalty(lam=l1, on="all" if l1 else "usual")
    return canonical(Recipe.model_validate({"norm": norm, **fields}).model_copy(update={"penalty": charged}))
