"""Which engine makes a study's runs: one for all its arms, and the same one for as long as the study grows."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.data import Dataset
from normlab.data.split import counts
from normlab.events import EngineChosen, Tell
from normlab.models.jobs import Material
from normlab.plans import Maker
from normlab.spec import Study
from normlab.store import Store
from normlab.training import EngineChoice, choose
from normlab.training.eager import Eager
from normlab.training.engines import ENGINES
from normlab.verbs import projects


def maker(study: Study, store: Store, material: Material | None = None) -> Maker:
    """Makes the jobs of a study with the engine that it asks for, or that most of its runs were made with."""
    names = list(ENGINES) if study.engine == "auto" else [study.engine]
    made_of = material or Material.of(study)
    return max((Maker(study, name, made_of) for name in names), key=lambda each: _kept(each, store))


def settled(made: Maker, store: Store, data: Dataset, tell: Tell) -> Maker:
    """The maker with the engine that is to train what is still owed, which is told.

    Raises `EngineError` where an engine that is asked for, or that earlier runs were made with, cannot take an arm.
    """
    used = [made.engine] if made.study.engine == "auto" and _kept(made, store) else []
    begun = projects.engine(store.project / made.study.name)
    return _made(made, _choice(made.study, made.material, data, used, begun), tell)


def plain(made: Maker, why: str, tell: Tell) -> Maker:
    """The maker with eager, which takes all, after another engine has failed; why is told."""
    return _made(made, EngineChoice(Eager.name, why), tell)


def is_free(made: Maker, store: Store | None) -> bool:
    """Whether a study's engine is still to be chosen: none is asked for, and no run was made with one."""
    return made.study.engine == "auto" and not (store and _kept(made, store))


def of_new(study: Study, material: Material, data: Dataset) -> Maker:
    """The maker with the engine that a study without a run would be trained with."""
    return Maker(study, _choice(study, material, data).engine, material)


def _made(made: Maker, choice: EngineChoice, tell: Tell) -> Maker:
    tell(EngineChosen(choice.engine, choice.why))
    return Maker(made.study, choice.engine, made.material)


def _choice(study: Study, material: Material, data: Dataset, used: Sequence[str] = (), begun: str = "") -> EngineChoice:
    asked = Maker(study, study.engine, material)
    most = max(max(counts(data, arm.recipe)) for arm in study.arms)
    jobs = [asked.job(arm, study.seeds[0]) for arm in study.arms]
    return choose(jobs, material.images.shape, used, most, begun)


def _kept(made: Maker, store: Store) -> int:
    return len(store.have([job.key for job in made.jobs()]))
