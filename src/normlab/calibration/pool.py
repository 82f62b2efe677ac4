"""Real runs of one arm: which images each of them gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab import files
from normlab.errors import SpecError, StoreError
from normlab.records import Comparison

PACKAGED = "lean-bn-mnist.safetensors"
"""The pool that comes along: `lean` with batch norm on MNIST's test images."""


@dataclass(frozen=True)
class Pool:
    """Runs of one arm, one seed each.

    `wrong` is bool (runs, images that any of them gets wrong), `images` how many each was judged on, `source` says
    which study they come from.
    """

    wrong: NDArray[np.bool_]
    images: int
    source: str

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """Of each run, in percent."""
        return np.asarray(100 * (1 - self.wrong.sum(axis=1) / self.images))

    @property
    def runs(self) -> int:
        """How many."""
        return len(self.wrong)


def of_predictions(wrong: NDArray[np.bool_], source: str) -> Pool:
    """A pool from bool (runs, images), without the images that everybody gets right."""
    return Pool(np.ascontiguousarray(wrong[:, wrong.any(axis=0)]), wrong.shape[1], source)


def of_comparison(comparison: Comparison, arm: str) -> Pool:
    """The finished runs of one arm of a study; raises `UnknownName`, or `SpecError` where none has finished."""
    recipe = comparison.study.recipe
    comparison.study.arm(arm)
    runs = comparison.of(arm)
    if not runs:
        raise SpecError(f"no run of {arm} has finished, so there is nothing to draw from")
    wrong = np.stack([run.predictions != comparison.labels for run in runs])
    source = f"{arm}, {recipe.model} on {recipe.dataset}, {recipe.epochs} epochs"
    return of_predictions(wrong, source)


def packaged() -> Pool:
    """The pool that comes with normlab."""
    with resources.as_file(resources.files("normlab.calibration") / PACKAGED) as path:
        return read(path)


def write(pool: Pool, path: Path) -> Path:
    """Keep a pool: bits in a safetensors file."""
    from safetensors.numpy import save

    about = {"images": str(pool.images), "columns": str(pool.wrong.shape[1]), "source": pool.source}
    return files.write(path, save({"wrong": np.packbits(pool.wrong, axis=1)}, metadata=about))


def read(path: Path) -> Pool:
    """A pool that `write` kept; raises `StoreError` where the file is something else."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as kept:
            about = kept.metadata() or {}
            bits = kept.get_tensor("wrong")
        wrong = np.unpackbits(bits, axis=1, count=int(about["columns"])).astype(bool)
        return Pool(wrong, int(about["images"]), about["source"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise StoreError(f"{path} is no pool of runs: {error}") from None
