"""What is seen of a study before anything is trained: that it can be run, and the faults that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from normlab import models
from normlab.analysis import asked
from normlab.data import Dataset, prepare
from normlab.errors import SpecError
from normlab.penalties import of_recipe
from normlab.records import Job
from normlab.spec import Recipe, Study
from normlab.training.device import device_called

if TYPE_CHECKING:
    from normlab.faults import Finding


def faults(study: Study, data: Dataset) -> tuple[Finding, ...]:
    """What lint finds of a study on its data."""
    from normlab.faults import find, of_study

    return find(of_study(study, data))


def check(study: Study) -> None:
    """See before anything is fetched or trained that every arm can be built, fed and penalised on the device.

    Raises `SpecError` (`UnknownName`, `GroupsError`), `DeviceError`, or `DataError` without an optional dependency.
    """
    device_called(study.device)
    if study.until_settled and not asked(study):
        raise SpecError("until_settled: no two arms differ in one factor alone, so there is nothing to settle")
    seen: dict[tuple[Recipe, str], str] = {}
    for arm in study.arms:
        prepare.check(arm.recipe.preprocess)
        model, penalty = models.build(Job(arm.recipe, study.seeds[0], study.root)), of_recipe(arm.recipe)
        if penalty:
            penalty.targets(model)
        other = seen.setdefault(_network(arm.recipe, model), arm.name)
        if other != arm.name:
            raise SpecError(f"the arms {other!r} and {arm.name!r} are the same network: leave one out")


def _network(recipe: Recipe, model: nn.Module) -> tuple[Recipe, str]:
    """What tells arms apart whose norms have several names, as `ln` and `gn:1`."""
    return recipe.model_copy(update={"norm": ""}), repr(model)
