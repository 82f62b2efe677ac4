"""Starting a process that runs nothing of its parent's main module and imports nothing from the current folder.

Python starts spawned processes as `python -c`, which puts the current folder first in the search for modules: a
`struct.py` lying there would run in every worker. And it runs the parent's main module in them first, so that a script
without the `if __name__ == "__main__"` idiom would start itself over and over. Ours need neither.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType

from normlab.imports import search_path

SAFE = "PYTHONSAFEPATH"


def start(serve: Callable[[Connection], None]) -> tuple[SpawnProcess, Connection]:
    """A process that runs `serve` with one end of a pipe, and the other end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    with _bare():
        process.start()
    theirs.close()  # so that the process's death reads as the end of the pipe
    return process, ours


@contextmanager
def _bare() -> Iterator[None]:
    """What a spawned process inherits of this one, without its main module and without the current folder."""
    main, path, safe = sys.modules["__main__"], sys.path[:], os.environ.get(SAFE)
    sys.modules["__main__"] = ModuleType("__main__")
    sys.path[:] = search_path()
    os.environ[SAFE] = "1"
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        sys.path[:] = path
        if safe is None:
            del os.environ[SAFE]
        else:
            os.environ[SAFE] = safe
