"""The CPU engine that compiles the network it is given: images on the lanes of the vector unit.

    trace ─▶ fuse ─▶ lower ─▶ kernels ─▶ compile ─▶ program ─▶ network ─▶ run

Activations lie as (channels, height, width, images), a block of 16 images (8 on AVX2, 4 on NEON) in each vector, so
that any channel count fills the vector unit. Kernels are written for the shapes at hand and compiled by LLVM; a block
passes through as many of them in a row as possible while its activations are in the core's cache.
"""

from __future__ import annotations

from normlab.data import Dataset
from normlab.records import Job, RunRecord
from normlab.training.events import Watch, silent


def train(job: Job, data: Dataset, watch: Watch = silent) -> RunRecord:
    """What `reference.train` computes, many times faster; raises `EngineError` where no kernel covers the model."""
    from normlab.training.lanes.run import LanesRun
    from normlab.training.reference import record_of

    return record_of(job, data, lambda seen: LanesRun(job, seen, watch))
