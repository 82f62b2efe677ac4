"""`assignment`: the course's hand-in, from a study of the course's recipe."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from normlab import handin
from normlab.errors import Diverged, SpecError
from normlab.events import Tell
from normlab.show.numbers import plural
from normlab.spec import Study, design
from normlab.spec.spelled import spelled
from normlab.verbs.handed import handed
from normlab.verbs.results import StudyResult
from normlab.verbs.session import Terms, carry_out

NORMS = ("bn", "ln", "gn")
L1 = 1e-4
PROJECT = "normlab-out"
"""The project's folder in that of the hand-in."""


@dataclass(frozen=True)
class Assignment:
    """A hand-in: its folder, what is in it, and the study that it is of."""

    folder: Path
    readme: Path
    page: Path
    notebook: Path
    pictures: tuple[Path, ...]
    result: StudyResult

    def __repr__(self) -> str:
        study = self.result.comparison.study
        extent = f"{plural(len(study.arms), 'norm')} × {plural(len(study.seeds), 'seed')}"
        return f"Assignment({extent}, {self.readme})"


def assignment(
    norms: str | Sequence[str] = NORMS,
    *,
    l1: float = L1,
    seeds: int | Sequence[int] | None = None,
    epochs: int | None = None,
    train_images: int | None = None,
    out: str | Path = "handin",
    workers: int | None = None,
    tell: Tell | None = None,
) -> Assignment:
    """Train what the course asks for, and write its hand-in: README.md with pictures, handin.html, handin.ipynb.

    Its runs are kept in `out`/normlab-out, so that the same call again trains nothing.

    Args:
        norms: names, also as people write them: `BatchNorm`, `layer_norm`, `GN:2`.
        l1: λ of Σ|p| over all parameters in the loss; 0 for none.
        seeds: how many, or which; 3 by default.
        epochs: 20 by default, as in the course.
        train_images: how many training images are used; all by default.
        out: the folder of the hand-in; files of these names are replaced.
        workers: processes at a time; one per core by default.
        tell: told what happens, see `events`.

    Raises:
        SpecError: `out` is a file, or has a README.md that is no hand-in. `UnknownName` for a norm.
        Diverged: no run was finished, so there is nothing to hand in. The rest is what `compare` raises.
    """
    folder = usable(Path(out))
    study = stated(norms, l1, seeds, epochs, train_images)
    result = carry_out(study, folder / PROJECT, Terms(named=False, workers=workers), tell)
    if not any(run.diverged_at is None for run in result.comparison.runs):
        raise Diverged(f"the loss of every run of {folder} stopped being a number: lower λ, which is {l1:g}")
    readme, page, notebook, *pictures = handin.write(
        handed(result.comparison, _command(result.comparison.study, folder)), folder, PROJECT
    )
    return Assignment(folder, readme, page, notebook, tuple(pictures), result)


def stated(
    norms: str | Sequence[str],
    l1: float = L1,
    seeds: int | Sequence[int] | None = None,
    epochs: int | None = None,
    train_images: int | None = None,
) -> Study:
    """The study of a hand-in; raises `SpecError` where it makes no sense, `UnknownName` for a norm."""
    named = [norms] if isinstance(norms, str) else norms
    return design(
        name="assignment",
        recipe="course",
        norms=list(dict.fromkeys(map(spelled, named))),
        l1=l1,
        l1_on="all",
        seeds=seeds,
        epochs=epochs,
        train_images=train_images,
    )


def usable(folder: Path) -> Path:
    """The folder, which need not be there yet; raises `SpecError` where a file is in its place, or another README."""
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise SpecError(f"cannot write the hand-in to {folder}: {path} is a file; give a folder with --out")
    if not handin.is_ours(folder):
        raise SpecError(f"{folder / 'README.md'} is no hand-in of normlab and stays as it is: give another --out")
    return folder


def _command(study: Study, folder: Path) -> str:
    """What makes the folder again."""
    recipe, seeds = study.recipe, list(study.seeds)
    which = str(len(seeds)) if seeds == [*range(len(seeds))] else ",".join(map(str, seeds))
    which += "," if len(seeds) == 1 and seeds != [0] else ""  # 7 would be seven seeds
    words = ["normlab", "assignment", "--norms", ",".join(arm.recipe.norm for arm in study.arms)]
    words += ["--l1", f"{recipe.penalty.lam:g}", "--seeds", which]
    words += ["--epochs", str(recipe.epochs)]
    words += ["--train-images", str(recipe.train_images)] if recipe.train_images else []
    return shlex.join([*words, "--out", str(folder)])
