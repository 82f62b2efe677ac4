"""What a worker of the cluster does: make a few runs, one after the other, and give them back as files of the spool.

Arguments and results are plain values. The data set is loaded by its name where the worker is, and never sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from normlab.execution.cluster.terms import Terms

if TYPE_CHECKING:
    from normlab.execution.cluster.watch import Watch

ALONE = Lock()
"""One run at a time in a process, however many threads its worker has: networks this small gain nothing from sharing a
core, and code of one's own and random numbers are the process's."""


class Reply(NamedTuple):
    """What became of an order: `made` (a sealed run), `failed` (a message, a traceback), `unfit` (why), `left`."""

    kind: str
    content: Any = None


def make(orders: Sequence[bytes], terms: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What became of each order, as far as the worker came.

    Behind one that it may not make, or that nobody wants any more, there are none.
    """
    found: list[Reply] = []
    with ALONE:
        for order in orders:
            found.append(_attempt(order, Terms(**terms)))
            if found[-1].kind in ("unfit", "left"):
                break
    return [(reply.kind, reply.content) for reply in found]


def _attempt(order: bytes, terms: Terms) -> Reply:
    from normlab.execution.cluster.fitness import Unfit
    from normlab.execution.cluster.watch import Unwanted, Watch
    from normlab.execution.messages import failed

    watch = Watch(terms.topic)
    try:
        return Reply("made", _made(order, terms, watch))
    except Unwanted:
        watch.left()
        return Reply("left")
    except Unfit as error:
        return Reply("unfit", str(error))
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
        found = failed(error)
        return Reply("failed", [found.message, found.details])


def _made(order: bytes, terms: Terms, watch: Watch) -> bytes:
    from normlab import training
    from normlab.execution.cluster.fitness import images, job_of, same
    from normlab.store.parcels import sealed
    from normlab.training.threads import threads

    same(terms)
    job = job_of(order)
    data = images(job)
    saved = watch.save_in(terms.folder)
    with threads(1):
        return sealed(training.train(job, data, watch.tell, watch if saved else None))
