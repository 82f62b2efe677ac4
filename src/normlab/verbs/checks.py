"""What is seen of a study before anything is trained: that it can be run, its images, and the faults that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from normlab.analysis import inquiries
from normlab.data import Dataset, load, places, prepare
from normlab.errors import SpecError
from normlab.events import CacheIgnored, FaultFound, ImagesNoted, Tell, silent
from normlab.faults import Finding, find, of_study
from normlab.models.jobs import Material
from normlab.models.untrained import Untrained
from normlab.penalties import of_recipe
from normlab.spec import Recipe, Study
from normlab.training.device import device_called
from normlab.training.lanes import cache_folder


@dataclass(frozen=True)
class Basis:
    """What a study rests on: its data set, its networks before training, and the faults that lint finds."""

    data: Dataset
    networks: Untrained
    faults: Sequence[Finding]


def ready(study: Study, tell: Tell = silent) -> Basis:
    """The basis of a study that can be run; raises what `check` and `basis` raise."""
    for why in filter(None, (cache_folder.distrusted(), places.distrusted())):
        tell(CacheIgnored(why))
    networks = Untrained(study, Material.of(study, tell))  # a place is read now, where people see how far that is
    check(study, networks)
    return basis(study, networks, tell)


def basis(study: Study, networks: Untrained, tell: Tell = silent) -> Basis:
    """The basis of a study, whether it can be run here or not; its data set is fetched, its faults are told.

    Raises `DataError` where the data set cannot be had, `SpecError` where it has too few images.
    """
    data = load(study.recipe.dataset, tell)
    for note in data.notes:
        tell(ImagesNoted(note))
    faults = find(of_study(study, data, networks))  # too few images are an error here, and not in every worker
    for fault in faults:
        tell(FaultFound(fault.severity.value, f"{fault.what} ({fault.where}); {fault.fix}"))
    return Basis(data, networks, faults)


def check(study: Study, networks: Untrained) -> None:
    """See before anything is fetched or trained that every arm can be built, fed and penalised on the device.

    Raises `SpecError` (`UnknownName`, `GroupsError`), `NetworkError`, `DeviceError`, or `DataError` without an optional
    dependency.
    """
    device_called(study.device)
    if study.until_settled and not inquiries(study):
        raise SpecError("until_settled: no two arms differ in one factor alone, so there is nothing to settle")
    seen: dict[tuple[str, str, str], str] = {}
    for arm in study.arms:
        prepare.check(arm.recipe.preprocess)
        network, penalty = networks.checked(arm), of_recipe(arm.recipe)
        if penalty:
            penalty.targets(network)
        other = seen.setdefault(_network(arm.recipe, networks.material.codes[arm.recipe], network), arm.name)
        if other != arm.name:
            raise SpecError(f"the arms {other!r} and {arm.name!r} are the same network: leave one out")


def _network(recipe: Recipe, code: str, network: nn.Module) -> tuple[str, str, str]:
    """What tells arms apart whose norms have several names, as `ln` and `gn:1`, or whose code lies in two places."""
    return recipe.model_copy(update={"norm": ""}).text, code, repr(network)
