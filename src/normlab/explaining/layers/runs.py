"""The trained networks to look into: one finished run of each norm, all on the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from normlab import models
from normlab.assembly import first_job
from normlab.errors import NormlabError, SpecError, StoreError, UnknownName
from normlab.explaining.layers.passing import layers
from normlab.records import RunRecord
from normlab.spec import Arm, Study, design
from normlab.store import Store
from normlab.store.store import FILE


def small_study(model: str, norms: Sequence[str] = ()) -> Study:
    """A study that trains in seconds: one seed and one epoch of the model's own recipe; batch, layer and group norm."""
    return design(name="explain", recipe=model, norms=list(norms) or ["bn", "ln", "gn"], l1=[0], seeds=[0], epochs=1)


def check_layer(study: Study, layer: str | None) -> str:
    """The layer, if the study's networks have a norm of that name; `SpecError` with those that they have otherwise."""
    names = layers(models.build(first_job(study, study.arms[0])))
    if layer is None:
        raise SpecError(f"--layer: which norm of {study.recipe.model}? It has {', '.join(names)}")
    if layer not in names:
        raise UnknownName("layer", layer, names)
    return layer


def newest(out: Path, model: str, norms: Sequence[str] = ()) -> Path | None:
    """The folder of the newest study of a model below `out` with finished runs of all these norms; None without one.

    Studies that compare norms go before those of a single one.
    """
    found = [(len(kinds), path.stat().st_mtime, path.parent) for path, kinds in _finished(out, model)]
    fitting = [(min(count, 2), age, folder) for (count, age, folder) in found if _has(folder, norms)]
    return max(fitting)[2] if fitting else None


def _finished(out: Path, model: str) -> Iterator[tuple[Path, set[str]]]:
    """The stores of studies of a model, with the norms that they have trained."""
    for path in out.glob(f"*/{FILE}"):
        kinds = _norms(path.parent, model)
        if kinds:
            yield path, kinds


def _norms(folder: Path, model: str | None = None) -> set[str]:
    try:
        with Store.at(folder) as store:
            done = store.done()
    except NormlabError:  # somebody else's folder, or a store that is being made, is none to choose
        return set()
    if model is not None and store.study.recipe.model != model:
        return set()
    return {store.study.arm(name).norm for name, _ in done}


def _has(folder: Path, norms: Sequence[str]) -> bool:
    return set(norms) <= _norms(folder)


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
        runs = [run for run in store.runs() if run.diverged_at is None]
    arms = _arms(store.study, norms)
    seeds = [each for each in store.study.seeds if all(_run(runs, arm, each) for arm in arms)]
    if not seeds or (seed is not None and seed not in seeds):
        finished = ", ".join(map(str, seeds)) or "none"
        raise StoreError(f"{folder}: {_asked(arms, seed)} finished; seeds on which all are: {finished}")
    taken = seeds[0] if seed is None else seed
    return store.study, [run for arm in arms for run in _run(runs, arm, taken)]


def _run(runs: Sequence[RunRecord], arm: Arm, seed: int) -> list[RunRecord]:
    return [run for run in runs if run.arm == arm.name and run.seed == seed]


def _asked(arms: Sequence[Arm], seed: int | None) -> str:
    names = ", ".join(arm.name for arm in arms)
    return f"no run of {names} with seed {seed} is" if seed is not None else f"{names} have no seed on which all are"


def _arms(study: Study, norms: Sequence[str]) -> list[Arm]:
    """One arm for each norm: the first, one without a penalty before others."""
    first: dict[str, Arm] = {}
    for arm in sorted(study.arms, key=lambda arm: arm.penalty is not None):
        first.setdefault(arm.norm, arm)
    for norm in norms:
        if norm not in first:
            raise UnknownName("norm of the study", norm, first)
    return [arm for arm in study.arms if arm in first.values() and (not norms or arm.norm in norms)]
