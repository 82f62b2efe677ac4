"""How the hyperparameters of a study came about, as far as that is known: those of built-in recipes alone."""

from __future__ import annotations

from normlab.spec import Recipe, Study, known
from normlab.spec.presets import PRESETS

FREE = ("epochs", "norm", "dataset", "holdout", "train_images")
"""A recipe with others of these is called by its name still: they say what is asked, and for how long it is trained."""


def builtin(study: Study) -> str:
    """The name of the built-in recipe whose values the study has, its factors and `FREE` aside; empty for none."""
    return next((name for name in PRESETS if not _changed(study, Recipe.model_validate(name))), "")


def _changed(study: Study, recipe: Recipe) -> bool:
    left = [each for path, each in known().items() if path not in (*FREE, *study.factors)]
    return any(each.counts(study.recipe) and each.of(study.recipe) != each.of(recipe) for each in left)


def for_all_norms(study: Study) -> str:
    """What is to be known where arms with different norms share the recipe `lean`; empty elsewhere."""
    if "norm" not in study.factors or study.tuning or builtin(study) != "lean":
        return ""
    return (
        "The last round of tuning the recipe lean, on held-out images of MNIST, looked at batch norm alone. Every norm "
        "has its values here, and another norm might gain from values of its own."
    )
