"""The test images of a study that judges by held-out ones: looked at once for what was chosen, and remembered."""

from __future__ import annotations

from dataclasses import replace

import torch

from normlab.analysis import owed
from normlab.analysis.choice import choices, to_test
from normlab.data import Dataset
from normlab.data.preprocess import network_input
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.records import Comparison, RunRecord
from normlab.store import Store
from normlab.training.evaluate import judge
from normlab.training.layout import in_layout, layout_of

CHUNK = 2000
"""Test images that a network sees at a time."""


def test_once(store: Store, comparison: Comparison, data: Dataset, *, look: bool) -> Comparison:
    """The comparison with the test accuracies of what was chosen on held-out images, once every run is finished.

    They are kept beside the runs: test images are looked at once for each choice. Without `look`, or
    where one of them is damaged, only what is kept there is told.
    """
    wanted = to_test(choices(comparison)) if not owed(comparison) else []
    runs = [run for arm in wanted for run in comparison.of(arm.name)]
    known = store.tested([run.job for run in runs])
    look = look and not any(run.key in comparison.damaged for run in runs)
    new = {run.key: _test(run, data) for run in runs if look and run.key not in known}
    if new:
        store.keep_tested(new)
    known |= new
    accuracies: dict[str, list[float]] = {}
    for run in (each for each in runs if each.key in known):
        correct, images = known[run.key]
        accuracies.setdefault(run.arm, []).append(100 * correct / images)
    return replace(comparison, tested=accuracies)


def _test(record: RunRecord, data: Dataset) -> tuple[int, int]:
    """How many of the test images a run's network gets right, and of how many."""
    images = network_input(data.test_images, data, record.job.recipe.preprocess)
    labels = torch.from_numpy(data.test_labels.copy())
    batches = zip(*(torch.split(part, CHUNK) for part in (images, labels)), strict=True)
    with imports(record.job.recipe.model):
        model = trained_network(record)
        layout = layout_of(model, record.job.shape)
        return judge(in_layout(model, layout), batches, layout).correct, len(labels)
