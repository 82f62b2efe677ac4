"""`preregister`: write down what a study is to be before its verdicts are seen; trains nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from normlab import files
from normlab.errors import SpecError
from normlab.events import Tell, silent
from normlab.models.jobs import Material
from normlab.models.untrained import Untrained
from normlab.report.words.registered import differences
from normlab.spec import Study
from normlab.spec.registered import text
from normlab.spec.registration import Design, Registration
from normlab.store import Store, plain_errors
from normlab.store.rows import now
from normlab.verbs import engines, projects, registered
from normlab.verbs.checks import check


@dataclass(frozen=True)
class Preregistered:
    """A registration and its file; it is not `new` where the same design was registered before."""

    registration: Registration
    path: Path
    new: bool


def preregister(study: str | Path, *, out: str | Path = "normlab-out", tell: Tell = silent) -> Preregistered:
    """Write the registration of a study; one of the same design that is there stays as it is.

    Args:
        study: a TOML file, or the name or the folder of a study that is there.
        out: the project's folder, where the file is written.
        tell: told what happens while images of one's own are read.

    Raises:
        SpecError: the study cannot be run as it is written, or is registered with another design.
        StoreError: there is no such study, or a registration that is not as it was written.
        NetworkError, DataError: as `compare`, before it trains.
    """
    place = projects.stated(study, Path(out), {})
    networks = Untrained(place.study, Material.of(place.study, tell))
    check(_anywhere(place.study), networks)
    with Store.reading(place.project) as store:
        made = engines.maker(projects.claimed(place, store, given=True).study, store, networks.material)
        design, trained = registered.design(made), len(store.have([job.key for job in made.jobs()]))
    name, file = place.study.name, registered.path(place.project, place.study.name)
    if earlier := registered.found(place.project, name):
        return Preregistered(_same(earlier, design, file), file, new=False)
    registration = Registration(study=name, registered=now(), trained=trained, digest=design.digest, design=design)
    with plain_errors(place.project):
        files.write(file, text(registration).encode())
    return Preregistered(registration, file, new=True)


def _anywhere(study: Study) -> Study:
    """The study on the one device that every machine has: where it is registered it need not be trained."""
    return study.model_copy(update={"device": "cpu"})


def _same(earlier: Registration, design: Design, file: Path) -> Registration:
    if differ := differences(earlier.design, design):
        raise SpecError(
            f"{earlier.study} is registered with another design, on {earlier.when} ({'; '.join(differ)}): keep to "
            f"that, or give this one another name; {file} is never written over"
        )
    return earlier
