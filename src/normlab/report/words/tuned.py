"""How the hyperparameters of a study came about, as far as that is known: those of built-in recipes alone."""

from __future__ import annotations

from normlab.spec import Study, known
from normlab.spec.fields import flat
from normlab.spec.presets import PRESETS

FREE = "epochs"
"""A recipe with another number of them is called by its name still."""


def builtin(study: Study) -> str:
    """The name of the built-in recipe whose values the study has, its factors and the norm aside; empty for none."""
    return next((name for name, table in PRESETS.items() if not changed(study, flat(table))), "")


def changed(study: Study, values: dict[str, object]) -> list[str]:
    """The fields in which the study's recipe is another than these values, factors aside."""
    left = (path for path in values if path != FREE and path not in study.factors)
    return [path for path in left if known()[path].of(study.recipe) != values[path]]


def for_all_norms(study: Study) -> str:
    """What is to be known where arms with different norms share the recipe `lean`; empty elsewhere."""
    if "norm" not in study.factors or builtin(study) != "lean":
        return ""
    return (
        "The last round of tuning the recipe lean, on held-out images of MNIST, looked at batch norm alone. Every norm "
        "has its values here, and another norm might gain from values of its own."
    )
