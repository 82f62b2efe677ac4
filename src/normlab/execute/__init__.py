"""Getting owed runs done: which are owed, and one process per core that does them."""

from normlab.execute.local import Failure, Told, cores, run_all
from normlab.execute.plan import job, jobs, owed
from normlab.execute.settle import Settling
from normlab.execute.warm import Warming

__all__ = ["Failure", "Settling", "Told", "Warming", "cores", "job", "jobs", "owed", "run_all"]
