"""The trained networks to look into: one finished run of each norm, all on the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from normlab import models
from normlab.assembly import first_job
from normlab.errors import NormlabError, SpecError, StoreError, UnknownName
from normlab.explanation.layers.passing import layers
from normlab.records import RunRecord
from normlab.spec import Arm, Study, design
from normlab.store import Store
from normlab.store.store import FILE


def small_study(model: str, norms: Sequence[str] = (), *, seed: int | None = None, dataset: str | None = None) -> Study:
    """A study that trains in seconds: one seed and one epoch of the model's own recipe; batch, layer and group norm."""
    every, data = list(norms) or ["bn", "ln", "gn"], dataset or "mnist"
    return design(name="explain", recipe=model, norms=every, l1=[0], seeds=[seed or 0], epochs=1, dataset=data)


def check_layer(study: Study, layer: str | None) -> str:
    """The layer, if the study's networks have a norm of that name; `SpecError` with those that they have otherwise."""
    names = layers(models.build(first_job(study, study.arms[0])))
    if layer is None:
        raise SpecError(f"layer: which norm of {study.recipe.model}? It has {', '.join(names)}")
    if layer not in names:
        raise UnknownName("layer", layer, names)
    return layer


def newest(
    out: Path, model: str, norms: Sequence[str] = (), *, seed: int | None = None, dataset: str | None = None
) -> Path | None:
    """The folder of the newest study of a model below `out` that `chosen` can take; None without one.

    Studies that compare norms go before those of a single one.
    """
    single = None
    for path in sorted(out.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime, reverse=True):
        count = _count(path.parent, model, norms, seed, dataset)
        if count > 1:
            return path.parent
        single = single or (path.parent if count else None)
    return single


def _count(folder: Path, model: str, norms: Sequence[str], seed: int | None, dataset: str | None) -> int:
    """How many norms of a study can be looked into, 0 if it is not one to take."""
    try:
        with Store.at(folder) as store:
            study, sound = store.study, store.sound()
        arms = _arms(study, norms)
    except NormlabError:  # somebody else's folder, a store that is being made, or a study without such norms
        return 0
    fits = study.recipe.model == model and dataset in (None, study.recipe.dataset)
    seeds = _seeds(study, arms, sound)
    return len(arms) if fits and (seeds if seed is None else seed in seeds) else 0


def chosen(folder: Path, norms: Sequence[str] = (), seed: int | None = None) -> tuple[Study, list[RunRecord]]:
    """A study and one finished run for each norm, in the order of the study.

    Of several arms with one norm, the first without a penalty counts.

    Args:
        folder: of the study.
        norms: which of its norms; all if empty.
        seed: the first that every one of them has finished, if left out.

    Raises:
        StoreError: there is no study, or no seed on which all of them are finished.
        UnknownName: the study has no such norm.
    """
    with Store.at(folder) as store:
        study, sound, runs = store.study, store.sound(), store.runs()
    arms = _arms(study, norms)
    seeds = _seeds(study, arms, sound)
    if not seeds or (seed is not None and seed not in seeds):
        names, finished = ", ".join(arm.name for arm in arms), ", ".join(map(str, seeds)) or "none"
        asked = "" if seed is None else f", asked for {seed}"
        way = f"name some of the norms, or finish the study: normlab compare {folder / 'study.toml'}"
        raise StoreError(f"{folder}: seeds on which {names} are all finished: {finished}{asked}; {way}")
    known = {(run.arm, run.seed): run for run in runs}
    return study, [known[arm.name, seeds[0] if seed is None else seed] for arm in arms]


def _seeds(study: Study, arms: Sequence[Arm], sound: AbstractSet[tuple[str, int]]) -> list[int]:
    """The seeds on which all these arms are finished."""
    return [seed for seed in study.seeds if all((arm.name, seed) in sound for arm in arms)]


def _arms(study: Study, norms: Sequence[str]) -> list[Arm]:
    """One arm for each norm: the first, one without a penalty before others."""
    first: dict[str, Arm] = {}
    for arm in sorted(study.arms, key=lambda arm: arm.penalty is not None):
        first.setdefault(arm.norm, arm)
    for norm in norms:
        if norm not in first:
            raise UnknownName("norm", norm, first)
    return [arm for arm in study.arms if arm in first.values() and (not norms or arm.norm in norms)]
