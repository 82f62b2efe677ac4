"""Each arm that owes runs is rehearsed before one is trained: what is wrong is told now, and how long all will take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from normlab.data import Dataset
from normlab.errors import EngineError, NetworkError, NormlabError
from normlab.events import FaultFound, Rehearsed, Tell, silent
from normlab.models.jobs import model_place
from normlab.own import guest
from normlab.plans import Maker
from normlab.records import Job
from normlab.spec import Study
from normlab.store import Store
from normlab.training.engines import ENGINES
from normlab.training.rehearsal import Rehearsal, rehearse
from normlab.training.work import work
from normlab.verbs import engines
from normlab.verbs.room import shortages


@dataclass(frozen=True)
class Hall:
    """Where rehearsals are held: with what images, for how many processes, and who is told.

    The `store` holds the runs that a study has; a study that has none needs none.
    """

    store: Store | None
    data: Dataset
    processes: int = 1
    tell: Tell = silent

    def rehearsed(self, made: Maker, owed: Callable[[Maker], Sequence[Job]]) -> Maker:
        """Rehearse the runs that a study owes, and give the maker with the engine that this went well with.

        An engine that computes something else than eager does is left for eager where it was normlab's choice. Raises
        `EngineError` where it was not, and `NetworkError` naming the arm for whatever its network raises.
        """
        try:
            self._rehearse(made.study, owed(made))
        except EngineError as error:
            if not engines.is_free(made, self.store):
                raise EngineError(f"{error}: use engine eager, which makes another study of it") from error
            made = engines.plain(made, str(error), self.tell)
            self._rehearse(made.study, owed(made))
        return made

    def _rehearse(self, study: Study, owed: Sequence[Job]) -> None:
        """Rehearse the first run of each arm in the engine that will train it, and tell what comes of it.

        Arms that differ in numbers alone, a learning rate or λ, are rehearsed once. The plain loop's runs are not.
        """
        if owed[0].engine not in ENGINES:
            return
        engine, found = ENGINES[owed[0].engine](), dict[tuple[str, str], Rehearsal]()
        for job in owed:
            if work(job) not in found:
                with _told_by_name(job):
                    found[work(job)] = rehearse(engine, job, self.data)
                for fault in found[work(job)].faults:
                    self.tell(FaultFound("warning", f"{job.label}: {fault}"))
        seconds = sum(found[work(job)].seconds for job in owed)
        memory = max(rehearsal.memory for rehearsal in found.values())
        disk = sum(found[work(job)].disk for job in owed)
        asked = Rehearsed(len(owed), seconds, self.processes, memory, disk, study.until_settled)
        self.tell(asked)
        for shortage in shortages(asked, self.store.project) if self.store else ():
            self.tell(FaultFound("warning", shortage))


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
