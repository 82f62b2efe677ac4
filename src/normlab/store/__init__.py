"""The store of a project: every run once, known by its key, whichever studies refer to it.

database ◀─ trouble ◀─ reading ◀─ writing
checksums ◀─ rows, weights, shelf ◀─ contents, tested ◀─ runs, studies, looks ◀─ listing
checksums ◀─ sealed ◀─ checkpoints, parcels;  leases ◀─ wanted
all of them ◀─ store
"""

from normlab.store.checkpoints import Checkpoints
from normlab.store.leases import Leases
from normlab.store.listing import RunRow, Unused
from normlab.store.merged import Merged
from normlab.store.parcels import Spool
from normlab.store.runs import Final
from normlab.store.store import Store
from normlab.store.studies import NotedStudy
from normlab.store.trouble import plain_errors
from normlab.store.wanted import Origin, Wanted, Wanting
from normlab.store.weights import weighed

__all__ = [
    "Checkpoints",
    "Final",
    "Leases",
    "Merged",
    "NotedStudy",
    "Origin",
    "RunRow",
    "Spool",
    "Store",
    "Unused",
    "Wanted",
    "Wanting",
    "plain_errors",
    "weighed",
]
