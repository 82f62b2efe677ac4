"""A run's weights as the network that they belong to, made smaller and compared on the whole test set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from normlab import models
from normlab.compaction.shrink import Compacted, compact
from normlab.data import Dataset
from normlab.data.preprocess import network_input
from normlab.errors import CompactError
from normlab.models.imports import imports
from normlab.records import Job
from normlab.spec.places import title


def of_run(job: Job, weights: Mapping[str, NDArray[Any]], data: Dataset) -> Compacted:
    """The compact network of a run of `job` that has left `weights`, compared on all test images.

    Raises `CompactError` where the weights are not those of the job's network, and what `compact` raises.
    """
    try:
        model = models.build(replace(job, start=weights))
    except RuntimeError as error:
        said = " ".join(str(error).split()).partition(": ")[2]
        name = f"{title(job.recipe.model)} with norm {job.recipe.norm}"
        raise CompactError(f"the weights are not those of {name}: {said}") from None
    # Also for a run that was judged on held-out images: that two networks agree on an image says nothing of its class.
    with imports(job.recipe.model):
        return compact(model, network_input(data.test_images, data, job.recipe.preprocess))
