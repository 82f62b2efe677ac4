"""`runs`: what a project has trained, and what of it no study needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normlab.spec import Recipe, find, known
from normlab.spec.arguments import shared
from normlab.spec.arm import label, varied
from normlab.store import RunRow, Store, Unused
from normlab.verbs import projects


@dataclass(frozen=True)
class ListedRun:
    """A run as a list shows it: `arm` is what its recipe is called among those that are listed, or in its study."""

    arm: str
    row: RunRow

    @property
    def accuracy(self) -> float | None:
        """Percent right after the last epoch; None for a run that diverged in its first."""
        return None if not self.row.images or self.row.correct is None else 100 * self.row.correct / self.row.images

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for other programs."""
        row = self.row
        return {
            "arm": self.arm,
            "seed": row.seed,
            "epochs": row.epochs,
            "accuracy": self.accuracy,
            "diverged_at": row.diverged_at,
            "seconds": row.seconds,
            "engine": row.engine,
            "device": row.device,
            "finished": row.finished,
            "key": row.key,
            "studies": list(row.studies),
        }


def runs(
    study: str | Path | None = None, *, out: str | Path = "normlab-out", where: Mapping[str, Any] | None = None
) -> list[ListedRun]:
    """The runs of a project, or of one study of it, in the order in which they were finished.

    Args:
        study: a study's name or folder; None for all runs.
        out: the project.
        where: only runs with these values of recipe fields, by path; `seed` and `engine` too.

    Raises `StoreError` where the study or the store cannot be read, `UnknownName` for a field that is not there.
    """
    place = projects.find(study, Path(out)) if study is not None else None
    wanted = {name if name in ("seed", "engine") else find(name).path: value for name, value in (where or {}).items()}
    with Store.reading(place.project if place else Path(out), needed=True) as store:
        rows = [row for row in store.listing() if place is None or place.study.name in row.studies]
    recipes = {text: Recipe.model_validate_json(text) for text in {row.recipe for row in rows}}
    names = {arm.recipe.text: arm.name for arm in place.study.arms} if place else _names(recipes)
    fitting = (row for row in rows if _fits(row, recipes[row.recipe], wanted))
    return [ListedRun(_called(row, names.get(row.recipe, "another recipe")), row) for row in fitting]


def unused(out: str | Path = "normlab-out") -> Unused:
    """What no study of a project refers to; one whose folder was deleted refers to nothing."""
    with Store.reading(Path(out), needed=True) as store:
        needed = {key for study in store.studies() if (Path(out) / study.name).is_dir() for key in study.keys}
        return Unused(tuple(row.key for row in store.listing() if row.key not in needed), store.unused().files)


def prune(out: str | Path = "normlab-out") -> Unused:
    """Delete what no study refers to, and say what that was."""
    found = unused(out)
    with Store.open(Path(out)) as store:
        for study in store.studies():
            if not (Path(out) / study.name).is_dir():
                store.forget(study.name)
        store.drop(found.keys)
    return found


def _called(row: RunRow, arm: str) -> str:
    """Its arm, and what alone follows its seed where that is not all."""
    return f"{arm} · {row.only} alone" if row.only else arm


def _names(recipes: Mapping[str, Recipe]) -> dict[str, str]:
    """What each of several recipes, by their texts, is called among them."""
    stated = [{path: field.of(recipe) for path, field in known().items()} for recipe in recipes.values()]
    varying = varied(list(zip(recipes.values(), stated, strict=True)))
    common = shared(recipe.model_args for recipe in recipes.values())
    return {text: label(recipe, varying, common=common) for text, recipe in recipes.items()}


def _fits(row: RunRow, recipe: Recipe, wanted: Mapping[str, Any]) -> bool:
    own: dict[str, Any] = {"seed": row.seed, "engine": row.engine}
    return all((own[name] if name in own else find(name).of(recipe)) == value for name, value in wanted.items())
