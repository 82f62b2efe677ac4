"""Training one run: a job and a data set in, a record out. Nothing here writes anything."""

from normlab.training.choice import Choice, choose
from normlab.training.engines import train

__all__ = ["Choice", "choose", "train"]
