"""Jobs with all that their data set and their model decide, for whoever makes one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from normlab.data import about
from normlab.data.facts import About
from normlab.events import Tell, silent
from normlab.models.builtin import MODELS
from normlab.models.registered import models, norm_place
from normlab.own import digest, guest
from normlab.records import Job
from normlab.spec import Recipe, Study
from normlab.spec.places import Place, place


@dataclass(frozen=True)
class Material:
    """What jobs are made of that no spec says, looked up once: a study has thousands of them.

    Args:
        images: what is known of the data set.
        codes: the code of each recipe's network, as `code_of` gives it.
    """

    images: About
    codes: Mapping[Recipe, str]

    @classmethod
    def of(cls, study: Study, tell: Tell = silent) -> Material:
        """That of a study; raises what `about` and `code_of` raise."""
        images = about(study.recipe.dataset, tell)
        return cls(images, {arm.recipe: code_of(arm.recipe) for arm in study.arms})

    def job(self, recipe: Recipe, seed: int, root: int = 0, **more: Any) -> Job:
        """A run of a recipe on a seed; `more` are further fields of `Job`."""
        shape, classes = self.images.shape, len(self.images.classes)
        return Job(recipe, seed, root, code=self.codes[recipe], shape=shape, classes=classes, **more)


def job_of(recipe: Recipe, seed: int, root: int = 0, **more: Any) -> Job:
    """A single run of a recipe, see `Material.job`.

    Raises `UnknownName` for a data set that is not there, and what `code_of` raises.
    """
    return Material(about(recipe.dataset), {recipe: code_of(recipe)}).job(recipe, seed, root, **more)


def code_of(recipe: Recipe) -> str:
    """The digest of the code that a recipe's network is made of and that is none of normlab's, empty without any.

    Raises `NetworkError` where it is not there, `OwnCodeError` where it cannot be read.
    """
    found = [_digest(code) for code in (model_place(recipe.model), norm_place(recipe.norm)) if code]
    return hashlib.sha256("".join(found).encode()).hexdigest() if len(found) > 1 else "".join(found)


def _digest(code: Place) -> str:
    with guest(code):
        return digest(code)


def model_place(model: str) -> Place | None:
    """Where the code of a model is that is none of normlab's, None of one that is."""
    return None if model in MODELS else place(model) or models().get(model)
