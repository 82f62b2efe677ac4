"""The network of a run."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from normlab.models import build
from normlab.records import RunRecord


def network(record: RunRecord) -> nn.Module:
    """The network of a finished run, in eval mode."""
    return build(replace(record.job, start=record.weights)).eval()
