"""What a study is: frozen, validated values, TOML in and out, and a digest.

A study is a recipe (what all arms share), its arms (one treatment each) and its seeds (paired across arms). Two
studies with the same digest are the same study; change one field and it is another one.

    base, preprocess ◀─ arm ◀─ recipe ◀─ study ◀─ files ◀─ options
"""

from normlab.spec.arm import KINDS, Arm, Penalty
from normlab.spec.base import Spec
from normlab.spec.files import from_toml, parse, read
from normlab.spec.options import design
from normlab.spec.preprocess import PREPROCESSES, Preprocess
from normlab.spec.recipe import PRESETS, Augment, Optimizer, Recipe, Schedule
from normlab.spec.study import Judging, Study

__all__ = [
    "KINDS",
    "PREPROCESSES",
    "PRESETS",
    "Arm",
    "Augment",
    "Judging",
    "Optimizer",
    "Penalty",
    "Preprocess",
    "Recipe",
    "Schedule",
    "Spec",
    "Study",
    "design",
    "from_toml",
    "parse",
    "read",
]
