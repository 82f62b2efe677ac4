"""Starting a process that runs nothing of its parent's main module and imports nothing from the current folder.

Python starts its processes as `python -c`, which puts the current folder first in the search for modules: a
`struct.py` lying there would run in every worker. And it runs the parent's main module in them first, so that a script
without the `if __name__ == "__main__"` idiom would start itself over and over. Ours need neither.

On Linux workers are forked from a server process that has imported PyTorch and done nothing else, so that its locks
are free and it has no threads: importing costs three seconds once, and not for every worker; `get_ready` has it done
while this process does something else. Elsewhere, where forking is not safe behind such libraries, each imports for
itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from normlab.execution.undisturbed import disturbed
from normlab.imports import search_path

SAFE = "PYTHONSAFEPATH"
PRELOADED = ["normlab.execution.worker", "normlab.data", "normlab.training"]
Serve = Callable[[Connection], None]


def get_ready(*more: str) -> None:
    """Have the server imported by the time that workers are started, with `more` modules; returns at once."""
    made = context(*more)
    if made.get_start_method() == "forkserver":
        with _bare():
            forkserver.ensure_running()


def start(serve: Serve) -> tuple[BaseProcess, Connection]:
    """A process that runs `serve` with one end of a pipe, and the other end."""
    made = context()
    ours, theirs = made.Pipe()
    with _bare():
        process: BaseProcess = made.Process(target=_begin, args=(serve, theirs, dict(os.environ)), daemon=True)
        process.start()
    theirs.close()  # so that the process's death reads as the end of the pipe
    return process, ours


def context(*more: str) -> Any:
    """The kind of `multiprocessing` that starts processes which have imported what training takes, and `more`."""
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload([*PRELOADED, *more])
    return forked


def _begin(serve: Serve, pipe: Connection, environment: Mapping[str, str]) -> None:
    """In the process: the server was started in an environment that may have been another."""
    disturbed()
    os.environ.clear()
    os.environ.update(environment)
    serve(pipe)


@contextmanager
def _bare() -> Iterator[None]:
    """What a process inherits of this one, without its main module and without the current folder."""
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
