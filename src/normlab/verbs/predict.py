"""`predict`: what a study's trained networks say of one's own pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data import Dataset, load
from normlab.data.preprocess import network_input
from normlab.errors import SpecError, StoreError, UnknownName
from normlab.events import Tell, silent
from normlab.models.imports import imports
from normlab.models.registry import trained_networks
from normlab.prediction import Prediction, Predictions, as_trained, picture
from normlab.prediction.values import guess
from normlab.records import RunRecord
from normlab.store import Store
from normlab.verbs import engines, projects
from normlab.verbs.projects import Place


def predict(
    study: str | Path,
    pictures: Sequence[str | Path],
    arm: str | None = None,
    *,
    out: str | Path = "normlab-out",
    tell: Tell = silent,
) -> Predictions:
    """What every arm says of pictures, by the networks of all its finished seeds; preprocessing is as in training.

    Args:
        study: its name in the project `out`, or its folder.
        pictures: files as Pillow reads them. Each is made an image of the data set, and what that took is said; of a
            study of one's own images that were picture files, it is read as those were.
        arm: only this one.
        tell: told of a download (`Fetched`).

    Raises:
        StoreError: there is no study, or no run of it is finished. `UnknownName` where it has no such arm.
        DataError: a picture cannot be read, or the data set cannot be had.
        SpecError: no picture is given.
    """
    if not pictures:
        raise SpecError("predict: give at least one picture")
    place = projects.find(study, Path(out))
    runs = _finished(place, arm)
    data = load(place.study.recipe.dataset, tell)
    read = as_trained if data.pictures else picture
    seen = [read(Path(path), data) for path in pictures]
    pixels = np.stack([each.pixels for each in seen])
    asked = {name: _probabilities(of_arm, pixels, data) for name, of_arm in runs.items()}
    found = [
        Prediction(
            str(path),
            tuple(guess(name, [table[i] for table in tables], data.classes) for name, tables in asked.items()),
            each.notes,
        )
        for i, (path, each) in enumerate(zip(pictures, seen, strict=True))
    ]
    return Predictions(place.study.name, tuple(found))


def _finished(place: Place, arm: str | None) -> dict[str, list[RunRecord]]:
    """The finished runs of each arm that has any."""
    arms = [each for each in place.study.arms if arm in (None, each.name)]
    if not arms:
        raise UnknownName("arm", str(arm), [each.name for each in place.study.arms])
    with Store.reading(place.project) as store:
        made = engines.maker(place.study, store)
        runs = store.runs([made.job(each, seed) for each in arms for seed in place.study.seeds])
    found: dict[str, list[RunRecord]] = {}
    for run in runs:
        if run.diverged_at is None:
            found.setdefault(run.arm, []).append(run)
    if not found:
        raise StoreError(f"{place.folder}: no run is finished; train first: normlab compare {place.study.name}")
    return found


@torch.inference_mode()
def _probabilities(runs: Sequence[RunRecord], pixels: NDArray[np.uint8], data: Dataset) -> list[NDArray[np.float32]]:
    """Of images uint8 (N, C, H, W), by the networks of an arm's runs: each (N, classes)."""
    images = network_input(pixels, data, runs[0].job.recipe.preprocess)
    with imports(runs[0].job.recipe.model):
        return [np.asarray(network(images).softmax(1).numpy(), np.float32) for network in trained_networks(runs)]
