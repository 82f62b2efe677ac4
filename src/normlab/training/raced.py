"""Races that were held, in the user's cache beside compiled kernels: who begins such a study again goes by them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from typing import cast

import torch

from normlab import files
from normlab.records import Job
from normlab.training.engine import Engine
from normlab.training.lanes import cache_folder
from normlab.training.race import race
from normlab.training.work import work


def raced(engines: Sequence[Engine], jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> dict[str, float]:
    """See `race`; it is only held where none is known of such networks on such a processor. None is where one fails."""
    hold = partial(race, engines, jobs, shape, images)
    if not (folder := cache_folder.used()):
        return hold()
    content = files.made_once(
        folder, f"race-{_digest(jobs, shape, images)}", ".json", lambda: json.dumps(hold()).encode()
    )
    return cast("dict[str, float]", json.loads(content))


def _digest(jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> str:
    """Of all that a race depends on, its machine's moods aside: 32 hexadecimal digits."""
    from normlab.training.lanes.compile import sources
    from normlab.training.lanes.target import host

    asked = sorted((*work(job), job.classes) for job in jobs)
    made_of = version("normlab"), str(torch.__version__), sources(), repr(host())
    return hashlib.sha256(json.dumps([asked, shape, images, made_of]).encode()).hexdigest()[:32]
