"""What a study is: frozen, validated values, and TOML in and out.

A study is a recipe (what all arms share), its arms (a name, and the fields that each changes) and its seeds (paired
across arms). Everything that people can set is a field of the recipe, with its text, range and how it is shown beside
it; arms, factors, options and labels are made from these lines.

    base, setting ◀─ penalty ◀─ recipe ◀─ fields ◀─ links, arm ◀─ cross ◀─ study ◀─ files ◀─ options, tuning
                                                                         study ◀─ registration ◀─ registered
"""

from normlab.spec.arm import Arm
from normlab.spec.base import Spec
from normlab.spec.fields import RecipeField, canonical, find, known
from normlab.spec.files import from_toml, parse, read
from normlab.spec.links import Link
from normlab.spec.options import Options, design
from normlab.spec.penalty import KINDS, Penalty
from normlab.spec.presets import PRESETS
from normlab.spec.recipe import PREPROCESSES, Augment, Optimizer, Preprocess, Recipe, Schedule
from normlab.spec.study import Judging, Study, Tuning

__all__ = [
    "KINDS",
    "PREPROCESSES",
    "PRESETS",
    "Arm",
    "Augment",
    "Judging",
    "Link",
    "Optimizer",
    "Options",
    "Penalty",
    "Preprocess",
    "Recipe",
    "RecipeField",
    "Schedule",
    "Spec",
    "Study",
    "Tuning",
    "canonical",
    "design",
    "find",
    "from_toml",
    "known",
    "parse",
    "read",
]
