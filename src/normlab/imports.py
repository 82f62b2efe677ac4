"""Importing what is installed, and never what lies in the current folder by chance.

`python -m` and `python -c` search the current folder first: a `struct.py` lying there would be run in the place of
Python's own, and any package there would be taken for an installed one. What is meant is named by its path instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

HOME = Path(__file__).parent.parent


def search_path() -> list[str]:
    """Python's search path without the current folder, unless normlab itself lies there."""
    return [entry for entry in sys.path if not _current(entry)]


@contextmanager
def installed_only(*more: str) -> Iterator[None]:
    """Within it nothing is imported from the current folder; `more` are folders that are searched last."""
    before = sys.path[:]
    sys.path[:] = [*search_path(), *more]
    try:
        yield
    finally:
        sys.path[:] = before


def entry_points(group: str) -> Mapping[str, EntryPoint]:
    """What installed packages offer under the name of a group, by the names that they give it; the first one counts."""
    return _entry_points(group, tuple(search_path()))


@lru_cache
def _entry_points(group: str, path: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for distribution in distributions(path=list(path)):
        for point in distribution.entry_points:
            if point.group == group:
                found.setdefault(point.name, point)
    return found


def _current(entry: str) -> bool:
    here = not entry or Path(entry).resolve() == Path.cwd()
    return here and Path.cwd() != HOME
