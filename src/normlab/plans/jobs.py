"""The runs that a study consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from normlab.records import Job
from normlab.seeds import HELD, Source, source
from normlab.spec import Arm, Study
from normlab.spec.sources import lacking

if TYPE_CHECKING:
    from normlab.models.jobs import Material  # which imports PyTorch: whoever has material has done that


@dataclass(frozen=True)
class Maker:
    """Makes the jobs of a study of its `material`; `engine` trains all of them."""

    study: Study
    engine: str
    material: Material

    @property
    def treatments(self) -> tuple[str, ...]:
        """What each arm is, by the content of what it has of one's own: what verdicts on it are remembered by."""
        return tuple(self._alone(arm, 0).treatment for arm in self.study.arms)

    def job(self, arm: Arm, seed: int) -> Job:
        """One run; on a path it starts from the run before."""
        if not self.study.warm_start:
            return self._alone(arm, seed)
        chain = next((path for path in self.study.paths if arm in path), [arm])
        after = ""
        for before in chain[: chain.index(arm)]:
            after = self._alone(before, seed, after).key
        return self._alone(arm, seed, after)

    def jobs(self) -> list[Job]:
        """Every run: all arms of the first seed, then all of the next, so that a study cut short is still paired."""
        return [self.job(arm, seed) for seed in self.study.seeds for arm in self.study.arms]

    def alone(self) -> dict[Source, list[Job]]:
        """By source of variance, the runs in which it alone follows the seed, of the arms that have it.

        At the seed that everything else is held at that is the ordinary run, which is not made again.
        """
        found = {name: [*self._following(name)] for each in self.study.sources if (name := source(each))}
        return {name: jobs for name, jobs in found.items() if jobs}

    def every(self) -> list[Job]:
        """All runs that the study wants: its own, then those of one source alone that are none of these."""
        jobs = [*self.jobs(), *(job for jobs in self.alone().values() for job in jobs)]
        return [*{job.key: job for job in jobs}.values()]

    def _following(self, name: Source) -> Iterator[Job]:
        for seed in self.study.seeds:
            for arm in self.study.arms:
                if name not in lacking(arm.recipe, own=bool(self.material.codes[arm.recipe])):
                    yield replace(self.job(arm, seed), only="" if seed == HELD else name)

    def _alone(self, arm: Arm, seed: int, after: str = "") -> Job:
        study, data = self.study, self.material.images.digest
        how = {"device": study.device, "engine": self.engine, "data": data, "after": after}
        return self.material.job(arm.recipe, seed, study.root, **how, label=arm.name)
