"""The registration of a study: a file beside its folder, found by its name however the study is run."""

from __future__ import annotations

from pathlib import Path

from normlab import files
from normlab.errors import StoreError
from normlab.plans import Maker
from normlab.spec.registered import read
from normlab.spec.registration import Design, Registered, Registration

ENDING = ".registered.toml"


def path(project: Path, study: str) -> Path:
    """Where the registration of a study is, or would be: its own folder may be deleted and made anew."""
    return project / f"{study}{ENDING}"


def found(project: Path, study: str) -> Registration | None:
    """The registration of a study, None where it has none; raises `StoreError` for a file that is not as written."""
    place = path(project, study)
    if not place.exists():
        return None
    registration = read(place)
    if registration.study != study:
        raise StoreError(f"{place} is that of a study called {registration.study!r}: give it its name back")
    return registration


def bring(study: str, source: Path, project: Path) -> None:
    """Copy a study's registration from the project `source`, where there is one; raises what `found` raises."""
    if found(source, study) and not (there := path(project, study)).exists():
        files.write(there, path(source, study).read_bytes())


def design(made: Maker) -> Design:
    """What a study's verdicts depend on."""
    return Design.of(made.study, made.treatments, made.material.images.digest)


def beside(made: Maker, project: Path) -> Registered | None:
    """What was registered of a study beside what it is now; raises what `found` raises."""
    registration = found(project, made.study.name)
    return Registered(registration=registration, now=design(made)) if registration else None
