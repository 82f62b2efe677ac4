"""How well the norms of a study's trained networks are: each run is looked at once, and it is remembered."""

from __future__ import annotations

from dataclasses import replace

import torch

from normlab.data import Dataset
from normlab.data.prepare import prepare
from normlab.data.split import split
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.records import Checkup, Comparison, RunRecord
from normlab.store import Store
from normlab.training.checkup import check_up
from normlab.training.layout import in_layout, layout_of

SEEDS = 5
"""Runs of an arm that are looked at: enough for a verdict on a loss that matters."""


def with_checkups(store: Store, comparison: Comparison, data: Dataset, *, look: bool) -> Comparison:
    """The comparison with the checkups of the first `SEEDS` finished runs of each arm, once every run is finished.

    Without `look`, only what is remembered is told; of a study of paths nothing is.
    """
    if comparison.owed or comparison.study.warm_start:
        return comparison
    runs = [run for arm in comparison.study.arms for run in comparison.of(arm.name)[:SEEDS]]
    known = store.checkups([run.job for run in runs])
    new = {run.key: _check(run, comparison, data) for run in runs if look and run.key not in known}
    if new:
        store.keep_checkups(new)
    return replace(comparison, checkups=known | new)


def _check(run: RunRecord, comparison: Comparison, data: Dataset) -> Checkup:
    recipe = run.job.recipe
    images = split(prepare(data, recipe.preprocess), recipe, run.job.root)
    network = trained_network(run)
    with imports(recipe.model), torch.random.fork_rng(devices=[]):
        return check_up(
            in_layout(network, layout_of(network)),
            images,
            recipe.batch_size,
            run.predictions == comparison.labels,
        )
