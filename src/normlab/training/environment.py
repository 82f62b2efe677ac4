"""Where a run is made: the versions, the processor and the thread count that its bits depend on."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from normlab.data import Dataset
from normlab.records import Environment, Job


def environment(job: Job, data: Dataset) -> Environment:
    """The environment of this process, for the records of the job's runs."""
    return Environment(
        normlab=version("normlab"),
        python=platform.python_version(),
        torch=str(torch.__version__),
        numpy=np.__version__,
        system=f"{platform.system()} {platform.machine()}",
        processor=torch.cuda.get_device_name() if job.device == "cuda" else processor(),
        device=job.device,
        threads=torch.get_num_threads(),
        engine=job.engine,
        data=data.digest,
    )


@cache
def processor() -> str:
    """This machine's, by its name; Linux tells it only in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
