"""Runs made by the workers of a dask.distributed cluster, somebody's or one that is started here for a while.

address ─▶ homes (a cluster here, or somebody's) ─▶ link (to a scheduler) ─▶ crew (its workers and their runs)
terms, orders ─▶ task, which a worker does: fitness, watch, reports ◀─ link

`distributed` is imported where it is first needed: nobody else has to have it.
"""

from normlab.execution.cluster import library
from normlab.execution.cluster.address import Address
from normlab.execution.cluster.executor import Cluster

__all__ = ["Address", "Cluster", "library"]
