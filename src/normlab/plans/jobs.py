"""The runs that a study consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from normlab.models.jobs import code_of, job_of
from normlab.records import Job
from normlab.spec import Arm, Recipe, Study


@dataclass(frozen=True)
class Maker:
    """Makes the jobs of a study; `engine` trains all of them, `data` is the SHA-256 of the data set's content."""

    study: Study
    engine: str
    data: str

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

    def _alone(self, arm: Arm, seed: int, after: str = "") -> Job:
        study = self.study
        how = {"device": study.device, "engine": self.engine, "data": self.data, "after": after}
        return job_of(arm.recipe, seed, study.root, **how, code=self._codes[arm.recipe], label=arm.name)

    @cached_property
    def _codes(self) -> Mapping[Recipe, str]:
        """Read once: a study has thousands of runs, and they are all of one code."""
        return {arm.recipe: code_of(arm.recipe) for arm in self.study.arms}
