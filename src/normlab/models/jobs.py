"""Jobs with all that their data set and their model decide, for whoever makes one."""

from __future__ import annotations

import hashlib
from typing import Any

from normlab.data import about
from normlab.models.builtin import MODELS
from normlab.models.own import digest, models, norm_place, own_code
from normlab.records import Job
from normlab.spec import Recipe
from normlab.spec.places import Place, place


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
    """The digest of the code that a recipe's network is made of and that is none of normlab's, empty without any.

    Raises `NetworkError` where it is not there, `OwnCodeError` where it cannot be read.
    """
    found = [_digest(code) for code in (model_place(recipe.model), norm_place(recipe.norm)) if code]
    return hashlib.sha256("".join(found).encode()).hexdigest() if len(found) > 1 else "".join(found)


def _digest(code: Place) -> str:
    with own_code(code):
        return digest(code)


def model_place(model: str) -> Place | None:
    """Where the code of a model is that is none of normlab's, None of one that is."""
    return None if model in MODELS else place(model) or models().get(model)
