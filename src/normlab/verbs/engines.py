"""Which engine makes a study's runs: one for all its arms, and the same one for as long as the study grows."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.data import Dataset, about
from normlab.events import EngineChosen, Tell
from normlab.plans import Maker
from normlab.spec import Study
from normlab.store import Store
from normlab.training import EngineChoice, choose
from normlab.training.engines import ENGINES


def maker(study: Study, store: Store) -> Maker:
    """Makes the jobs of a study with the engine that it asks for, or that most of its runs were made with."""
    digest = about(study.recipe.dataset).digest
    names = list(ENGINES) if study.engine == "auto" else [study.engine]
    makers = [Maker(study, name, digest) for name in names]
    return max(makers, key=lambda each: _kept(each, store))


def settled(made: Maker, store: Store, data: Dataset, tell: Tell) -> Maker:
    """The maker with the engine that is to train what is still owed, which is told.

    Raises `EngineError` where an engine that is asked for, or that earlier runs were made with, cannot take an arm.
    """
    used = [made.engine] if made.study.engine == "auto" and _kept(made, store) else []
    choice = _choice(made.study, data, used)
    tell(EngineChosen(choice.engine, choice.why))
    return Maker(made.study, choice.engine, made.data)


def of_new(study: Study, data: Dataset) -> str:
    """The engine that a study without a run would be trained with."""
    return _choice(study, data, []).engine


def _choice(study: Study, data: Dataset, used: Sequence[str]) -> EngineChoice:
    asked = Maker(study, study.engine, data.digest)
    _, channels, height, width = data.train_images.shape
    return choose([asked.job(arm, study.seeds[0]) for arm in study.arms], (channels, height, width), used)


def _kept(made: Maker, store: Store) -> int:
    return len(store.have([job.key for job in made.jobs()]))
