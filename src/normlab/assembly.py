"""What a store and a data set amount to: a study's comparison, and the networks of its runs."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from normlab import execution, models
from normlab.analysis.choice import choices, to_test
from normlab.data import Dataset
from normlab.data.preprocess import seen
from normlab.data.split import split
from normlab.errors import NetworkError
from normlab.models.scale import rescaling
from normlab.models.summary import summarize
from normlab.records import Comparison, Job, RunRecord, Scale
from normlab.spec import Arm, Study
from normlab.store import Store
from normlab.training.evaluate import judge
from normlab.training.reference import in_layout

RESCALED = 500
"""Evaluation images that are looked at to see what scale does."""
CHUNK = 2000
"""Test images that a network sees at a time."""


def assemble(store: Store, data: Dataset) -> Comparison:
    """All that a report needs, from the store and the data set."""
    study, runs = store.study, store.runs()
    parts = split(data, study.recipe, study.root)
    shape = data.train_images.shape[1:]
    comparison = Comparison(
        study=study,
        runs=runs,
        images=parts.judged_images,
        labels=parts.judged_labels,
        classes=data.classes,
        summaries=_summaries(study, shape),
    )
    return replace(comparison, scales=_scales(comparison, data))


def _summaries(study: Study, shape: tuple[int, ...]) -> dict[str, str]:
    """The printed summary of each arm's model; a penalty or a preprocessing does not change it."""
    first = {arm.norm: arm for arm in reversed(study.arms)}
    told = {norm: summarize(models.build(first_job(study, arm)), shape) for norm, arm in first.items()}
    return {arm.name: told[arm.norm] for arm in study.arms}


def _scales(comparison: Comparison, data: Dataset) -> dict[str, Scale]:
    """What scale does in each arm's first finished network, where the study has a penalty and the network is known.

    Of a study of paths only the chosen arms and those without a penalty are looked at: dozens would take longer than
    all the rest of a report.
    """
    study = comparison.study
    if not any(arm.penalty for arm in study.arms):
        return {}
    first = {run.arm: run for run in reversed(comparison.runs) if run.diverged_at is None}
    arms = [arm.name for arm in to_test(choices(comparison)) or study.arms if arm.name in first]
    found = {name: _scale(trained(study, first[name]), _first_seen(comparison, data, name)) for name in arms}
    return {name: scale for name, scale in found.items() if scale}


def _first_seen(comparison: Comparison, data: Dataset, arm: str) -> torch.Tensor:
    """The first evaluation images as an arm's network sees them."""
    job = first_job(comparison.study, comparison.study.arm(arm))
    return seen(comparison.images[:RESCALED], data, job.preprocess)


def _scale(model: nn.Module, images: torch.Tensor) -> Scale | None:
    try:
        found = rescaling(model, images)
    except NetworkError:  # a network that is not understood has no such note in its report
        return None
    return Scale(found.kernels, found.change, found.flipped)


def trained(study: Study, record: RunRecord) -> nn.Module:
    """The network of a finished run, in eval mode."""
    return models.build(replace(execution.job(study, study.arm(record.arm), record.seed), start=record.weights)).eval()


def test_once(store: Store, comparison: Comparison, data: Dataset) -> Comparison:
    """The comparison with the test accuracies of what was chosen on held-out images, once every run is finished.

    They are kept beside the runs: test images are looked at once for each choice.
    """
    wanted = to_test(choices(comparison)) if not comparison.owed else []
    known = store.tested()
    if any(arm.name not in known for arm in wanted):
        known = {arm.name: [_test(comparison.study, run, data) for run in comparison.of(arm.name)] for arm in wanted}
        store.keep_tested(known)
    return replace(comparison, tested={arm.name: known[arm.name] for arm in wanted})


def _test(study: Study, record: RunRecord, data: Dataset) -> float:
    """Percent of the test images that a run's network gets right."""
    job = first_job(study, study.arm(record.arm))
    parts = seen(data.test_images, data, job.preprocess), torch.from_numpy(data.test_labels.copy())
    batches = zip(*(torch.split(part, CHUNK) for part in parts), strict=True)
    # oneDNN's convolutions for few channels are faster channels last
    network = in_layout(trained(study, record), torch.channels_last)
    return 100 * judge(network, batches, torch.channels_last).correct / len(data.test_labels)


def first_job(study: Study, arm: Arm) -> Job:
    """The run of an arm on the study's first seed."""
    return execution.job(study, arm, study.seeds[0])
