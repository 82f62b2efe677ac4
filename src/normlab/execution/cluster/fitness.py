"""Whether a worker may make a run: it has to compute the same, on the same images, with the same code."""

from __future__ import annotations

from normlab.data import Dataset, load
from normlab.errors import NormlabError
from normlab.execution.cluster.orders import unpacked
from normlab.execution.cluster.terms import Terms, difference, versions
from normlab.models.jobs import code_of
from normlab.records import Job
from normlab.training.device import device_called

_known: dict[str, Dataset] = {}
"""The data set that this process worked with last, by its name."""


class Unfit(Exception):
    """A worker that may make no runs, and why."""


def same(terms: Terms) -> None:
    """See that normlab and PyTorch are those of whoever asks; raises `Unfit`."""
    if told := difference(terms.versions, versions()):
        raise Unfit(told)


def job_of(order: bytes) -> Job:
    """The job that is ordered; raises `Unfit` where it is another one here, or none."""
    try:
        return unpacked(order)
    except (ValueError, LookupError) as error:
        raise Unfit(str(error)) from error


def images(job: Job) -> Dataset:
    """The data set of a job that can be made here, by its name on this machine; raises `Unfit`."""
    try:
        device_called(job.device)
        data = _loaded(job.recipe.dataset, job.data)
        code = code_of(job.recipe)
    except NormlabError as error:
        raise Unfit(str(error)) from error
    if data.digest != job.data:
        raise Unfit(f"its {data.name} has content {data.digest[:12]} and not {job.data[:12]}")
    if code != job.code:
        raise Unfit(f"its code of {job.recipe.model} is {code[:12] or 'none'} and not {job.code[:12] or 'none'}")
    return data


def _loaded(name: str, digest: str) -> Dataset:
    """From the last time, if that was the same content: whoever's images change may say so to a worker that goes on."""
    if name not in _known or _known[name].digest != digest:
        _known.clear()
        _known[name] = load(name)
    return _known[name]
