"""What a store and a data set amount to: a study's comparison, and the networks of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import nn

from normlab import models
from normlab.analysis.choice import choices, to_test
from normlab.data import Dataset
from normlab.data.preprocess import seen
from normlab.data.split import split
from normlab.errors import NetworkError
from normlab.models.scale import rescaling
from normlab.models.summary import summarize
from normlab.plans import Maker
from normlab.records import Comparison, Job, Look, RunRecord, Scale
from normlab.spec import Arm, Recipe, Study
from normlab.store import Store
from normlab.training.evaluate import judge
from normlab.training.layout import in_layout

RESCALED = 500
"""Evaluation images that are looked at to see what scale does."""
CHUNK = 2000
"""Test images that a network sees at a time."""


def assemble(made: Maker, store: Store, data: Dataset, looks: Sequence[Look] = ()) -> Comparison:
    """All that a report needs, from the store and the data set."""
    study, runs = made.study, store.runs(made.jobs())
    parts = split(data, study.recipe, study.root)
    comparison = Comparison(
        study=study,
        runs=_by_arm(study, runs),
        images=parts.judged_images,
        labels=parts.judged_labels,
        classes=data.classes,
        summaries=_summaries(study, data.train_images.shape[1:]),
        looks=looks,
    )
    return replace(comparison, scales=_scales(comparison, data))


def first_job(study: Study, arm: Arm) -> Job:
    """The network of an arm on the study's first seed, before it is trained."""
    return Job(arm.recipe, study.seeds[0], study.root, label=arm.name)


def trained(record: RunRecord) -> nn.Module:
    """The network of a finished run, in eval mode."""
    return models.build(replace(record.job, start=record.weights)).eval()


def _by_arm(study: Study, runs: Sequence[RunRecord]) -> list[RunRecord]:
    order = {arm.name: number for number, arm in enumerate(study.arms)}
    return sorted(runs, key=lambda run: (order[run.arm], run.seed))


def _summaries(study: Study, shape: tuple[int, ...]) -> dict[str, str]:
    """The printed summary of each arm's model; of the recipe only a few fields change a network."""
    told: dict[tuple[str, str, float], str] = {}
    for arm in study.arms:
        if (which := _network(arm.recipe)) not in told:
            told[which] = summarize(models.build(first_job(study, arm)), shape)
    return {arm.name: told[_network(arm.recipe)] for arm in study.arms}


def _network(recipe: Recipe) -> tuple[str, str, float]:
    return recipe.model, recipe.norm, recipe.dropout


def _scales(comparison: Comparison, data: Dataset) -> dict[str, Scale]:
    """What scale does in each arm's first finished network, where the study has a penalty and the network is known.

    Of a study of paths only the chosen arms and those without a penalty are looked at: dozens would take longer than
    all the rest of a report.
    """
    study = comparison.study
    if not any(arm.recipe.penalty.lam for arm in study.arms):
        return {}
    first = {run.arm: run for run in reversed(comparison.runs) if run.diverged_at is None}
    arms = [arm for arm in to_test(choices(comparison)) or study.arms if arm.name in first]
    found = {arm.name: _scale(trained(first[arm.name]), _first_seen(comparison, data, arm)) for arm in arms}
    return {name: scale for name, scale in found.items() if scale}


def _first_seen(comparison: Comparison, data: Dataset, arm: Arm) -> torch.Tensor:
    """The first evaluation images as an arm's network sees them."""
    return seen(comparison.images[:RESCALED], data, arm.recipe.preprocess)


def _scale(model: nn.Module, images: torch.Tensor) -> Scale | None:
    try:
        # oneDNN's convolutions for few channels are faster channels last
        found = rescaling(in_layout(model, torch.channels_last), images.contiguous(memory_format=torch.channels_last))
    except NetworkError:  # a network that is not understood has no such note in its report
        return None
    return Scale(found.kernels, found.change, found.flipped)


def test_once(store: Store, comparison: Comparison, data: Dataset, *, look: bool) -> Comparison:
    """The comparison with the test accuracies of what was chosen on held-out images, once every run is finished.

    They are kept beside the runs: test images are looked at once for each choice. Without `look`, only what is kept
    there is told.
    """
    wanted = to_test(choices(comparison)) if not comparison.owed else []
    runs = [run for arm in wanted for run in comparison.of(arm.name)]
    known = store.tested([run.job for run in runs])
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
    parts = seen(data.test_images, data, record.job.recipe.preprocess), torch.from_numpy(data.test_labels.copy())
    batches = zip(*(torch.split(part, CHUNK) for part in parts), strict=True)
    # oneDNN's convolutions for few channels are faster channels last
    network = in_layout(trained(record), torch.channels_last)
    return judge(network, batches, torch.channels_last).correct, len(data.test_labels)
