"""Training one run: a job and a data set in, a record out. Nothing here writes anything."""

from normlab.training.choice import Choice, choose
from normlab.training.engines import train
from normlab.training.events import BatchDone, EpochDone, Event, Watch, silent

__all__ = ["BatchDone", "Choice", "EpochDone", "Event", "Watch", "choose", "silent", "train"]
