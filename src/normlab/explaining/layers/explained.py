"""A norm of trained networks explained by one image, each number held against the network's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data import load
from normlab.data.progress import Progress, silent
from normlab.data.split import split
from normlab.errors import DataError
from normlab.explaining.layers.layer import Layer, of_run
from normlab.explaining.layers.runs import check_layer, chosen
from normlab.spec import Study


@dataclass(frozen=True, eq=False)
class LayerExplanation:
    """A norm of several trained networks; `print` shows it.

    Args:
        folder, study, seed: where the networks come from.
        layer: its name, and `model` the network's.
        index, image, label: the image, uint8 (C, H, W), its place among `judged_on` images, and its class.
        layers: one for each norm.
    """

    folder: Path
    study: Study
    seed: int
    layer: str
    index: int
    image: NDArray[np.uint8]
    label: str
    layers: tuple[Layer, ...]

    def __str__(self) -> str:
        """As in the terminal, without colours."""
        from normlab.explaining.layers.terminal import plain

        return plain(self)

    def save(self, path: str | Path) -> Path:
        """Write it with its charts as one page; raises `StoreError` when it cannot be written."""
        from normlab.explaining.layers.sheet import write

        return write(self, Path(path))


def explain_layer(
    folder: str | Path,
    layer: str | None,
    image: int = 0,
    *,
    norms: Sequence[str] = (),
    seed: int | None = None,
    progress: Progress = silent,
) -> LayerExplanation:
    """What a norm does to one image in the trained networks of a study.

    Args:
        folder: of the study.
        layer: the norm's name in the model, for instance `norm3`.
        image: its place among the images that the study judges by, the number that the report gives it.
        norms: which of the study's; all if empty. Of several arms with one norm, the first without a penalty counts.
        seed: the first on which all of them are finished, if left out.
        progress: told of a download.

    Raises:
        StoreError: there is no study, or no such run is finished. `UnknownName` for a norm or a layer.
        DataError: there is no such image, or the images cannot be had.
        Disagreement: the network finds other numbers.
    """
    study, runs = chosen(Path(folder), norms, seed)
    name = check_layer(study, layer)
    data = load(study.recipe.dataset, progress)
    parts = split(data, study.recipe, study.root)
    if not 0 <= image < len(parts.judged_labels):
        raise DataError(
            f"image {image} is not there: the {study.recipe.judged_on} images are 0 to {len(parts.judged_labels) - 1}"
        )
    pixels, label = parts.judged_images[image], data.classes[parts.judged_labels[image]]
    found = tuple(of_run(study, run, name, pixels, data) for run in runs)
    return LayerExplanation(Path(folder), study, runs[0].seed, name, image, pixels, label, found)
