"""Getting owed runs done: which are owed, and one process per core that does them."""

from normlab.execution.local import Failure, Told, cores, run_all
from normlab.execution.plan import job, jobs, owed
from normlab.execution.settle import Settling
from normlab.execution.warm import Warming

__all__ = ["Failure", "Settling", "Told", "Warming", "cores", "job", "jobs", "owed", "run_all"]
