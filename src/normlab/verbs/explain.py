"""`explain_layer`: a norm of a study's trained networks, norm beside norm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data import Dataset, load
from normlab.data.preprocess import network_input
from normlab.data.split import split
from normlab.errors import DataError
from normlab.events import Tell, silent
from normlab.explanation.layers.explained import ORIGIN, LayerExplanation
from normlab.explanation.layers.layer import Layer, look
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.norms.names import read
from normlab.records import RunRecord
from normlab.show.numbers import plural
from normlab.spec import Study
from normlab.spec.images import images
from normlab.spec.places import title
from normlab.verbs import projects
from normlab.verbs.networks import check_layer, chosen


def explain_layer(
    study: str | Path,
    layer: str | None,
    image: int = 0,
    *,
    norms: Sequence[str] = (),
    seed: int | None = None,
    out: str | Path = "normlab-out",
    tell: Tell = silent,
) -> LayerExplanation:
    """What a norm does to one image in the trained networks of a study.

    Args:
        study: its name in the project `out`, or its folder.
        layer: the norm's name in the model, for instance `norm3`.
        image: its place among the images that the study judges by, the number that the report gives it. Those that
            follow it are beside it in training mode.
        norms: which of the study's; all if empty. Of several arms with one norm, the first without a penalty counts.
        seed: the first on which all of them are finished, if left out.
        tell: told of a download (`Fetched`).

    Raises:
        StoreError: there is no study, or no such run is finished. `UnknownName` for a norm or a layer.
        DataError: there is no such image, or the images cannot be had.
        Disagreement: the network finds other numbers.
    """
    place = projects.find(study, Path(out))
    runs, stated = chosen(place, norms, seed), place.study
    name = check_layer(stated, layer)
    data = load(stated.recipe.dataset, tell)
    batch, label = _batch(stated, data, image)
    found = tuple(_layer(run, name, batch, data) for run in runs)
    origin = _origin(stated, place.folder, runs[0].seed, label)
    return LayerExplanation(name, _title(stated, name, image), origin, batch[0], label, found)


def _batch(study: Study, data: Dataset, index: int) -> tuple[NDArray[np.uint8], str]:
    """The stored image with those that follow it, as many as a batch has, and its class."""
    parts = split(data, study.recipe, study.root)
    count = len(parts.judged_labels)
    if not 0 <= index < count:
        raise DataError(f"image {index} is not there: the {study.recipe.judged_on} images are 0 to {count - 1}")
    following = (index + np.arange(min(study.recipe.batch_size, count))) % count
    return parts.judged_images[following], data.classes[parts.judged_labels[index]]


def _layer(run: RunRecord, name: str, batch: NDArray[np.uint8], data: Dataset) -> Layer:
    recipe = run.job.recipe
    images = network_input(batch, data, recipe.preprocess)
    grouped = read(recipe.norm).over_groups  # the layer itself says how many groups it has
    norm = None if grouped else recipe.norm
    with imports(recipe.model):
        return look(run.arm, trained_network(run), name, images, classes=data.classes, norm=norm)


def _title(study: Study, layer: str, index: int) -> str:
    recipe = study.recipe
    where = f"{images(recipe.dataset).title}'s {recipe.judged_on} image {index}"
    return f"What {layer} of {title(recipe.model)} does to {where}"


def _origin(study: Study, folder: Path, seed: int, label: str) -> str:
    trained_for = f"trained for {plural(study.recipe.epochs, 'epoch')} on seed {seed}"
    return f"The image is of class {label}; the networks are those of {folder.name}, {trained_for}. {ORIGIN}"
