"""Getting the runs of a plan done: one process per core on this machine."""

from normlab.execution.executor import Executor, Failure
from normlab.execution.local import LocalProcesses, cores, usual
from normlab.execution.sharing import Share
from normlab.execution.undisturbed import undisturbed

__all__ = ["Executor", "Failure", "LocalProcesses", "Share", "cores", "undisturbed", "usual"]
