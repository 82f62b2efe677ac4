"""Getting the runs of a plan done: one process per core on this machine, or calls of a function of one's own."""

from normlab.execution.executor import Executor, Failure
from normlab.execution.forked import can_fork
from normlab.execution.functions import Functions
from normlab.execution.local import LocalProcesses, cores, usual
from normlab.execution.sharing import Share
from normlab.execution.undisturbed import undisturbed

__all__ = ["Executor", "Failure", "Functions", "LocalProcesses", "Share", "can_fork", "cores", "undisturbed", "usual"]
