"""Each arm that owes runs is rehearsed before one is trained: what is wrong is told now, and how long all will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from normlab.data import Dataset
from normlab.errors import NetworkError, NormlabError
from normlab.events import FaultFound, Rehearsed, Tell
from normlab.models.jobs import model_place
from normlab.own import guest
from normlab.records import Job
from normlab.training.engines import ENGINES
from normlab.training.rehearsal import rehearse


def rehearsed(owed: Sequence[Job], data: Dataset, processes: int, tell: Tell) -> None:
    """Rehearse the first owed run of each arm in the engine that will train it, and tell what comes of it.

    Runs that start where others end, and the plain loop's, are not rehearsed. Raises `NetworkError` naming the arm for
    whatever its network raises.
    """
    arms = {job.label: job for job in reversed(owed) if job.engine in ENGINES and not job.after}
    if not arms:
        return
    engine = ENGINES[owed[0].engine]()
    found = {}
    for name, job in reversed(arms.items()):
        with _told_by_name(job):
            found[name] = rehearse(engine, job, data)
    for name, rehearsal in found.items():
        for fault in rehearsal.faults:
            tell(FaultFound("warning", f"{name}: {fault}"))
    runs = Counter(job.label for job in owed)
    seconds = sum(runs[name] * rehearsal.seconds for name, rehearsal in found.items())
    tell(Rehearsed(len(owed), seconds, processes, max(rehearsal.memory for rehearsal in found.values())))


@contextmanager
def _told_by_name(job: Job) -> Iterator[None]:
    """What a network of one's own raises is told with its own lines; anything else with the name of its arm."""
    own = model_place(job.recipe.model)
    try:
        with guest(own) if own else nullcontext():
            yield
    except NormlabError:
        raise
    except Exception as error:  # whatever it is, it would end every run of the arm
        raise NetworkError(f"{job.label} cannot be trained: {type(error).__name__}: {error}") from error
