"""How well the norms of a study's trained networks are: each run is looked at once, and it is remembered."""

from __future__ import annotations

from dataclasses import replace

import torch

from normlab.analysis import owed
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
"""Runs of an arm that are looked at: enough to see a loss that matters."""


def with_checkups(store: Store, comparison: Comparison, data: Dataset, *, look: bool) -> Comparison:
    """The comparison with the checkups of the first `SEEDS` finished runs of each arm, once nothing is owed any more.

    Without `look`, only what is remembered is told; of a study of paths nothing is.
    """
    if comparison.study.warm_start or owed(comparison):
        return comparison
    runs = [run for arm in comparison.study.arms for run in comparison.of(arm.name)[:SEEDS]]
    known = store.checkups([run.job for run in runs])
    for run in runs:
        found = _check(run, comparison, data) if look and run.key not in known else None
        if found:
            known[run.key] = found
            store.keep_checkups({run.key: found})
    return replace(comparison, checkups=known)


def _check(run: RunRecord, comparison: Comparison, data: Dataset) -> Checkup | None:
    """None of a network that cannot be looked at, whatever it raises: its run is finished and judged."""
    recipe = run.job.recipe
    try:
        with imports(recipe.model), torch.random.fork_rng(devices=[]):
            network = trained_network(run)
            images = prepare(split(data, recipe, run.job.root, run.job.division), recipe.preprocess)
            right = run.predictions == comparison.labels
            return check_up(in_layout(network, layout_of(network, run.job.shape)), images, run.job, right)
    except Exception:  # noqa: BLE001 - the report has no such note
        return None
