"""What scale does in a study's trained networks: what a norm divides away again, and what it does not."""

from __future__ import annotations

from dataclasses import replace

from normlab.analysis.choice import choices, to_test
from normlab.data import Dataset
from normlab.data.preprocess import network_input
from normlab.errors import NetworkError
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.models.scale import rescaling
from normlab.records import Comparison, RunRecord, Scale
from normlab.training.layout import in_layout, layout_of

RESCALED = 500
"""Evaluation images that are looked at."""


def with_scales(comparison: Comparison, data: Dataset) -> Comparison:
    """The comparison with what scale does in each arm's first finished network, where the study has a penalty.

    Of a study of paths only the chosen arms and those without a penalty are looked at: dozens would take longer than
    all the rest of a report.
    """
    study = comparison.study
    if not any(arm.recipe.penalty.lam for arm in study.arms):
        return comparison
    first = {arm.name: runs[0] for arm in study.arms if (runs := comparison.whole(arm.name))}
    arms = [arm for arm in to_test(choices(comparison)) or study.arms if arm.name in first]
    found = {arm.name: _scale(first[arm.name], comparison, data) for arm in arms}
    return replace(comparison, scales={name: scale for name, scale in found.items() if scale})


def _scale(run: RunRecord, comparison: Comparison, data: Dataset) -> Scale | None:
    """None of a network that is not understood: its report has no such note."""
    images = network_input(comparison.images[:RESCALED], data, run.job.recipe.preprocess)
    try:
        with imports(run.job.recipe.model):
            network = trained_network(run)
            layout = layout_of(network, run.job.shape)
            found = rescaling(in_layout(network, layout), images.contiguous(memory_format=layout))
    except NetworkError:
        return None
    return Scale(found.kernels, found.change, found.flipped)
