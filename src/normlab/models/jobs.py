"""Jobs with all that their data set and their model decide, for whoever makes one."""

from __future__ import annotations

from typing import Any

from normlab.data import about
from normlab.models.own import digest
from normlab.records import Job
from normlab.spec import Recipe
from normlab.spec.places import place


def job_of(recipe: Recipe, seed: int, root: int = 0, **more: Any) -> Job:
    """A run of a recipe on a seed, for images as its data set has them; `more` are further fields of `Job`.

    Raises `UnknownName` for a data set that is not there, and what `code_of` raises.
    """
    images = about(recipe.dataset)
    code = more.pop("code", None)
    return Job(
        *(recipe, seed, root),
        code=code_of(recipe) if code is None else code,
        shape=images.shape,
        classes=len(images.classes),
        **more,
    )


def code_of(recipe: Recipe) -> str:
    """The digest of the code of one's own that a recipe's network is made of, empty where there is none.

    Raises `NetworkError` where it is not there, `OwnCodeError` where it cannot be read.
    """
    own = place(recipe.model)
    return digest(own) if own else ""
