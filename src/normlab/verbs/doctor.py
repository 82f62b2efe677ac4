"""`doctor`: what this machine has, and whether the engines compute on it what they should."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from normlab.data.cache import root
from normlab.errors import NormlabError
from normlab.execution import cores
from normlab.verbs import room

PACKAGES = ("torch", "numpy", "scipy", "llvmlite", "altair", "vl-convert-python", "safetensors", "pydantic")
NORMS = ("bn", "ln", "gn", "none")
"""Whose kernels are tried: on images together, on each, in groups, and without a norm."""
SHAPE = (1, 28, 28)
SCARCE = 1 << 30
"""Bytes of free space below which a project may not fit."""


class Finding(NamedTuple):
    """A line of what was found; where it is not `well`, something is wrong or missing."""

    what: str
    told: str
    well: bool = True


def doctor(out: str | Path = "normlab-out") -> tuple[Finding, ...]:
    """Versions, processor, threads, memory, free space, and a step of each engine's network beside float64.

    Args:
        out: the project's folder, for its free space.
    """
    return (*_software(), *_machine(), *_space(Path(out)), *_engines())


def _software() -> Iterator[Finding]:
    yield Finding("normlab", f"{version('normlab')}, Python {platform.python_version()}")
    for name in PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "not installed", well=False)


def _machine() -> Iterator[Finding]:
    import torch

    from normlab.training.environment import processor

    yield Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("processor", f"{processor()}, {cores()} of {os.cpu_count()} cores usable")
    yield Finding("threads", f"{torch.get_num_threads()} in PyTorch here, 1 in each worker")
    devices = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    yield Finding("GPUs", ", ".join(devices) or "none")
    if free := room.memory():
        yield Finding("memory", f"{free / 1e9:.1f} GB available")


def _space(project: Path) -> Iterator[Finding]:
    for what, folder in (("data sets", root()), ("project", project)):
        free, writable = room.disk(folder), os.access(room.existing(folder), os.W_OK)
        told = f"{folder}: {free / 1e9:.1f} GB free" + ("" if writable else ", but it cannot be written")
        yield Finding(what, told, well=writable and free > SCARCE)


def _engines() -> Iterator[Finding]:
    from normlab.models.jobs import job_of
    from normlab.spec import design
    from normlab.training.lanes import cache_folder
    from normlab.training.lanes.canary import try_out
    from normlab.training.lanes.target import host

    if why := cache_folder.distrusted():
        yield Finding("kernels", why, well=False)
    try:
        target = host()
        for arm in design(norms=NORMS, seeds=1).arms:
            try_out(job_of(arm.recipe, 0, engine="lanes"), SHAPE)
    except NormlabError as error:
        yield Finding("lanes", str(error), well=False)
        return
    told = f"{target.cpu}, {target.lanes} numbers at a time; gradients of {', '.join(NORMS)} are float64's"
    yield Finding("lanes", told)
