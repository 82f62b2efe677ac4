"""Training one run: a job and a data set in, a record out. Nothing here writes anything."""

from normlab.training.choice import EngineChoice, choose
from normlab.training.engines import train
from normlab.training.memory import Memory

__all__ = ["EngineChoice", "Memory", "choose", "train"]
