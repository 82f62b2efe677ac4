"""How fast this machine trains: the course's loop, eager PyTorch and the lanes engine, alternating in one run."""

from normlab.bench.contest import Contest, hold
from normlab.bench.results import Results

__all__ = ["Contest", "Results", "hold"]
