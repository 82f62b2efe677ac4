"""`reopen`: a study that is there already, its report written anew. Nothing is trained and the store is only read."""

from __future__ import annotations

from pathlib import Path

from normlab.models.untrained import Untrained
from normlab.plans import Maker
from normlab.records import Comparison
from normlab.spec import design
from normlab.store import Store
from normlab.verbs import engines, projects
from normlab.verbs.assembly import assemble
from normlab.verbs.checks import basis
from normlab.verbs.conclusion import Counts, concluded
from normlab.verbs.projects import Place
from normlab.verbs.results import StudyResult


def reopen(
    study: str | Path,
    *,
    out: str | Path = "normlab-out",
    level: float | None = None,
    margin: float | None = None,
    outcome: str | None = None,
    playground: bool = False,
) -> StudyResult:
    """The study called so, or in that folder, judged by another level, margin or outcome if given.

    With `playground` its finished networks are in the report, and vote on what one draws; without, a report that had
    them is written without them.

    Raises `StoreError` where there is none, a run of it is damaged, or there is nothing to play with.
    """
    place = projects.find(study, Path(out))
    place = Place(design(place.study, level=level, margin=margin, outcome=outcome), place.project)
    networks = Untrained(place.study)
    with Store.reading(place.project) as store:
        made = engines.maker(place.study, store, networks.material)
        counts = Counts(kept=_count(made, store), look=False, anew=True, playground=playground)
        return concluded(place, store, made, basis(place.study, networks), counts)


def opened(study: str | Path, out: str | Path = "normlab-out") -> Comparison:
    """What a study has come to; nothing is written."""
    place = projects.find(study, Path(out))
    networks = Untrained(place.study)
    with Store.reading(place.project) as store:
        made = engines.maker(place.study, store, networks.material)
        return assemble(made, store, basis(place.study, networks))


def _count(made: Maker, store: Store) -> int:
    return len(store.have([job.key for job in made.jobs()]))
