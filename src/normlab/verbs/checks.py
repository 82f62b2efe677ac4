"""What is seen of a study before anything is trained: that it can be run, its images, and the faults that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normlab.analysis import inquiries
from normlab.data import Dataset, load, places, prepare
from normlab.errors import SpecError
from normlab.events import CacheIgnored, FaultFound, ImagesNoted, Tell, silent
from normlab.faults import Finding, find, of_study
from normlab.models.jobs import Material
from normlab.models.untrained import Untrained
from normlab.penalties import of_recipe
from normlab.spec import Study
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
    for arm in study.arms:
        prepare.check(arm.recipe.preprocess)
    for arm, network in networks.checked():
        if penalty := of_recipe(arm.recipe):
            penalty.targets(network)
