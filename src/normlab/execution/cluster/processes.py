"""The processes of a cluster that is started here: a scheduler, or a worker with one thread, on the loopback alone.

They are started as all workers of normlab are: nothing of the current folder is imported. Each ends when the other end
of its pipe does, so that none outlives whoever started it, also if that was killed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from normlab.allocator import keep_freed_memory
from normlab.execution.worker import QUIET

HERE, ANY_PORT = "127.0.0.1", "127.0.0.1:0"
SETTINGS = {
    "distributed.scheduler.worker-ttl": "60s",  # a worker that was stopped is noticed
    "distributed.worker.profile.enabled": False,  # nobody looks at it, and it costs
}


def scheduler(pipe: Connection) -> None:
    """Be a scheduler; its address goes through the pipe."""
    _serve(pipe, _scheduler)


def worker(pipe: Connection) -> None:
    """Be a worker of the scheduler whose address comes through the pipe."""
    keep_freed_memory()
    _serve(pipe, _worker)


async def _scheduler(pipe: Connection) -> None:
    from distributed import Scheduler

    async with Scheduler(host=HERE, dashboard=False, dashboard_address=ANY_PORT) as served:
        pipe.send(served.address)
        _end_with(pipe)
        await served.finished()


async def _worker(pipe: Connection) -> None:
    from distributed import Worker

    address = pipe.recv()
    _end_with(pipe)
    how: dict[str, Any] = {"dashboard": False, "dashboard_address": ANY_PORT, "memory_limit": None}
    async with Worker(address, nthreads=1, host=HERE, **how) as served:
        await served.finished()


def _serve(pipe: Connection, serve: Callable[[Connection], Awaitable[None]]) -> None:
    for name in QUIET:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    import dask
    import distributed  # noqa: F401 - it sets its logs up now

    logging.disable(logging.CRITICAL)  # what happens to a process is for its parent to say

    async def served() -> None:
        await serve(pipe)

    try:
        with dask.config.set(SETTINGS):
            asyncio.run(served())
    except (EOFError, OSError):
        pass  # the parent is gone, or the scheduler
    finally:
        os._exit(0)  # a run under way would be waited for


def _end_with(pipe: Connection) -> None:
    """End this process when nobody holds the other end any more."""

    def wait() -> None:
        try:
            pipe.recv()
        except (EOFError, OSError):
            os._exit(0)

    Thread(target=wait, daemon=True).start()
