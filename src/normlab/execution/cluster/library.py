"""dask.distributed, which is imported where it is needed and says nothing of its own."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from normlab.errors import ClusterError, MissingPackage
from normlab.imports import installed_only

LOUD = ("distributed", "tornado", "asyncio")
"""The roots of the logs that the library writes to, each part of it with a level of its own."""


def needed() -> None:
    """Have it imported, and not from the current folder; raises `MissingPackage`."""
    try:
        with installed_only():
            import distributed  # noqa: F401 - whoever needs it finds it imported
    except ImportError:
        raise MissingPackage("--cluster needs dask.distributed: pip install 'normlab[cluster]'") from None


def certified(address: str) -> None:
    """See that dask's configuration has certificates where a scheduler wants them; raises `ClusterError`."""
    from distributed.security import Security

    if address.startswith("tls:"):
        try:
            context = Security().get_connection_args("client")["ssl_context"]
        except OSError as error:
            raise ClusterError(f"{address}: the certificates of dask's configuration cannot be read: {error}") from None
        if context is None:
            raise ClusterError(f"{address}: dask's configuration names no certificates (distributed.comm.tls)")


@contextmanager
def quiet() -> Iterator[None]:
    """Within it the library logs nothing: that a connection was lost is what we say ourselves, on one line."""
    known = [logging.getLogger(name) for name in [*logging.root.manager.loggerDict] if name.partition(".")[0] in LOUD]
    before = [(log, log.level) for log in known]
    for log in known:
        log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            warnings.filterwarnings("ignore", message="Sending large graph")  # the weights that a path goes on from
            yield
    finally:
        for log, level in before:
            log.setLevel(level)
