"""A suite: one study on several data sets. The same arms and seeds on each, every one a study of its own.

Arms have to be judged on the same images, so the data set is no factor within a study; a run on one of several data
sets is the run of a study with that data set alone, to the letter of its key, and is shared with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli_w

from normlab.errors import SpecError
from normlab.spec.files import MOST_BYTES, parse
from normlab.spec.images import images
from normlab.spec.study import Study

MOST = 50
"""Data sets of a suite."""
ALONE = {
    "until_settled": "seeds are added until one study is settled",
    "warm_start": "a path chooses its λ on one data set",
    "tuning": "what was tuned for one data set is no value for another",
}
"""Fields that go with one data set, and why."""


@dataclass(frozen=True)
class Suite:
    """`study` as it is on the first of the `datasets`, each as a recipe's `dataset` has it.

    Raises `SpecError` for one data set alone, one that stands twice, and what goes with one data set.
    """

    study: Study
    datasets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.datasets) <= MOST:
            raise SpecError(f"dataset: expected 2 to {MOST} data sets, got {len(self.datasets)}")
        for each in self.datasets:
            if self.datasets.count(each) > 1:
                raise SpecError(f"dataset: {images(each).title} stands twice; name each data set once")
        for field, why in ALONE.items():
            if getattr(self.study, field):
                raise SpecError(f"{field} goes with one data set, for {why}: leave it out, or make it a study for each")

    @property
    def name(self) -> str:
        """What the suite is called, and its folder."""
        return self.study.name

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What people call each data set; of several of one name the later ones are numbered."""
        return tuple(_numbered([re.sub(r"[^\w.-]+", "-", images(each).title) or "data" for each in self.datasets]))

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        """The study on each, called `NAME-DATASET`."""
        return tuple(self._on(*each) for each in zip(self.datasets, self.labels, strict=True))

    def called(self, name: str) -> Suite:
        """The suite by another name."""
        return replace(self, study=self.study.model_copy(update={"name": name}))

    def to_toml(self) -> str:
        """The suite as a file that `read` reads back."""
        tables = self.study.to_dict()
        tables["recipe"]["dataset"] = [*self.datasets]
        return tomli_w.dumps(tables)

    def _on(self, dataset: str, label: str) -> Study:
        tables = self.study.to_dict()
        tables["recipe"]["dataset"] = dataset
        return parse({**tables, "name": f"{self.name}-{label}"})


def read(path: Path) -> Suite | None:
    """The suite of a TOML file; None for what is no file, or says one data set: a study, or no TOML at all.

    Raises `SpecError` for a suite that is none.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    recipe = tables.get("recipe")
    several = recipe.get("dataset") if isinstance(recipe, dict) else None
    return _suite(tables, several, path) if isinstance(several, list) else None


def _suite(tables: dict[str, Any], several: Sequence[Any], path: Path) -> Suite:
    if not several or not all(isinstance(each, str) for each in several):
        raise SpecError(f"{path}: recipe.dataset: expected a name or a path, or a list of them, got {several!r:.80}")
    try:
        study = parse({**tables, "recipe": {**tables["recipe"], "dataset": several[0]}})
        return Suite(study, tuple(several))
    except SpecError as error:
        error.args = (f"{path}: {error}",)
        raise


def _numbered(titles: Sequence[str]) -> Iterator[str]:
    for place, title in enumerate(titles):
        before = titles[:place].count(title)
        yield f"{title}-{before + 1}" if before else title
