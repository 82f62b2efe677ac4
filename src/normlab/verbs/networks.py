"""The trained networks to look into: one finished run of each norm, all on the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from normlab.data.whereabouts import located
from normlab.errors import NormlabError, SpecError, StoreError, UnknownName
from normlab.explanation.layers.passing import layers
from normlab.models.untrained import Untrained
from normlab.records import RunRecord
from normlab.spec import PRESETS, Arm, Options, Study, design
from normlab.spec.places import title, whole
from normlab.store import Store
from normlab.verbs import engines, projects
from normlab.verbs.damage import damage
from normlab.verbs.projects import Place


def small_study(model: str, norms: Sequence[str] = (), *, seed: int | None = None, dataset: str | None = None) -> Study:
    """A study of one seed and one epoch, of the model's own recipe if it has one; batch, layer and group norm."""
    every, data = list(norms) or ["bn", "ln", "gn"], dataset or "mnist"
    asked: Options = {"recipe": model} if model in PRESETS else {"model": model}
    asked |= {"name": "explain", "norms": every, "l1": [0], "seeds": [seed or 0], "epochs": 1, "dataset": data}
    return projects.with_place(design(**asked))


def check_layer(study: Study, layer: str | None) -> str:
    """The layer, if the study's networks have a norm of that name; `SpecError` with those that they have otherwise."""
    names = layers(Untrained(study).of(study.arms[0]))
    if layer is None:
        raise SpecError(f"layer: which norm of {title(study.recipe.model)}? It has {', '.join(names)}")
    if layer not in names:
        raise UnknownName("layer", layer, names)
    return layer


def newest(
    out: Path, model: str, norms: Sequence[str] = (), *, seed: int | None = None, dataset: str | None = None
) -> Path | None:
    """The folder of the newest study of a model in a project that `chosen` can take; None without one.

    Studies that compare norms go before those of a single one. A `dataset` may be a place by its relative path, as
    studies have it by its whole one.
    """
    single, model = None, whole(model)
    images = None if dataset is None else str(located(dataset))
    for path in sorted(out.glob(f"*/{projects.SPEC}"), key=lambda path: path.stat().st_mtime, reverse=True):
        place = _place(path.parent, out)
        count = _count(place, model, norms, seed, images) if place else 0
        if count > 1:
            return path.parent
        single = single or (path.parent if count else None)
    return single


def _place(folder: Path, out: Path) -> Place | None:
    try:
        return projects.find(folder, out)
    except NormlabError:  # somebody else's folder
        return None


def _count(place: Place, model: str, norms: Sequence[str], seed: int | None, dataset: str | None) -> int:
    """How many norms of a study can be looked into, 0 if it is not one to take."""
    try:
        arms = _arms(place.study, norms)
        seeds = _runs(place, arms)
    except NormlabError:  # a store that cannot be read, or a study without such norms
        return 0
    fits = place.study.recipe.model == model and dataset in (None, place.study.recipe.dataset)
    return len(arms) if fits and (seeds if seed is None else seed in seeds) else 0


def chosen(place: Place, norms: Sequence[str] = (), seed: int | None = None) -> list[RunRecord]:
    """One finished run for each norm, in the order of the study.

    Of several arms with one norm, the first without a penalty counts.

    Args:
        place: the study, and where it lies.
        norms: which of its norms; all if empty.
        seed: the first that every one of them has finished and left whole, if left out.

    Raises:
        StoreError: there is no seed on which all of them are finished.
        UnknownName: the study has no such norm.
    """
    arms = _arms(place.study, norms)
    seeds = _runs(place, arms)
    if not seeds or (seed is not None and seed not in seeds):
        names, finished = ", ".join(arm.name for arm in arms), ", ".join(map(str, seeds)) or "none"
        asked = "" if seed is None else f", asked for {seed}"
        way = f"name some of the norms, or finish the study: normlab compare {place.study.name}"
        raise StoreError(f"{place.folder}: seeds on which {names} are all finished: {finished}{asked}; {way}")
    if seed is not None:
        return seeds[seed]
    whole = (runs for runs in seeds.values() if not any(map(damage, runs)))
    return next(whole, next(iter(seeds.values())))


def _runs(place: Place, arms: Sequence[Arm]) -> dict[int, list[RunRecord]]:
    """The runs of these arms on each seed on which all of them are finished, in the order of the seeds."""
    with Store.reading(place.project) as store:
        made = engines.maker(place.study, store)
        runs = store.runs([made.job(arm, seed) for seed in place.study.seeds for arm in arms])
    found: dict[int, list[RunRecord]] = {}
    for run in runs:
        if run.diverged_at is None:
            found.setdefault(run.seed, []).append(run)
    return {seed: each for seed, each in found.items() if len(each) == len(arms)}


def _arms(study: Study, norms: Sequence[str]) -> list[Arm]:
    """One arm for each norm: the first, one without a penalty before others."""
    first: dict[str, Arm] = {}
    for arm in sorted(study.arms, key=lambda arm: arm.recipe.penalty.lam > 0):
        first.setdefault(arm.recipe.norm, arm)
    for norm in norms:
        if norm not in first:
            raise UnknownName("norm", norm, first)
    return [arm for arm in study.arms if arm in first.values() and (not norms or arm.recipe.norm in norms)]
