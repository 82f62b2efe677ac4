"""Jobs with all that their data set and their model decide, for whoever makes one."""

from __future__ import annotations

from typing import Any

from normlab.data import about
from normlab.records import Job
from normlab.spec import Recipe


def job_of(recipe: Recipe, seed: int, root: int = 0, **more: Any) -> Job:
    """A run of a recipe on a seed, for images as its data set has them; `more` are further fields of `Job`.

    Raises `UnknownName` for a data set that is not there.
    """
    images = about(recipe.dataset)
    return Job(recipe, seed, root, shape=images.shape, classes=len(images.classes), **more)
