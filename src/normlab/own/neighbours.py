"""The modules that lie beside a file of one's own: at hand while its code runs, and then out of the way.

Each folder has modules of its own. Those that the caller has imported stay the caller's, and two folders may each have
a helper of the same name.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from types import ModuleType

from normlab.imports import installed_only

INSTALLED = (sysconfig.get_path("stdlib"), str(Path(__file__).parents[1]), "<frozen")
"""Where Python's modules and normlab's start. What lies in `PACKAGES` is installed too, wherever that is."""
PACKAGES = ("site-packages", "dist-packages")
_known: dict[Path, dict[str, ModuleType]] = {}
"""The modules that were imported from each folder, by name."""
_within: list[Path] = []
"""The folders that are at hand, the last one foremost."""


@contextmanager
def neighbours(folder: Path | None) -> Iterator[None]:
    """Within it, imports find what is installed and then what lies in a folder, and nothing else."""
    beside = [] if folder is None else [str(folder)]
    invalidate_caches()  # a file that was written a moment ago is not yet in what importing remembers of its folder
    with installed_only(*beside):
        if folder is None or _within[-1:] == [folder]:
            yield
        else:
            with _modules_of(folder), _no_bytecode():
                yield


def forget(files: set[Path]) -> None:
    """Have the modules of some files imported anew, and all that lie beside any file."""
    _known.clear()
    names = {file.name for file in files}
    for name, module in list(sys.modules.items()):
        path = Path(_origin(module))
        if path.name in names and path.resolve() in files and name != "__main__":
            del sys.modules[name]


@contextmanager
def _modules_of(folder: Path) -> Iterator[None]:
    known = _known.get(folder, {})
    names = {*map(_top, known), *(path.stem for path in folder.iterdir())} - {"__main__", "__mp_main__"}
    others = _taken_out(names)
    sys.modules.update(known)
    _within.append(folder)
    try:
        yield
    finally:
        _within.pop()
        _known[folder] = _taken_out(names)
        sys.modules.update(others)


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Bytecode is known by the size of its source and the second of its change; here code is known by all of it."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _taken_out(names: set[str]) -> dict[str, ModuleType]:
    """The modules of these names and what lies in them, which are at hand no longer; installed ones stay."""
    if names.isdisjoint(sys.modules):  # as mostly, and there are thousands of modules; none is there without its top
        return {}
    found = {
        name: module
        for name, module in list(sys.modules.items())
        if _top(name) in names and not _installed(_origin(module))
    }
    for name in found:
        del sys.modules[name]
    return found


def _top(name: str) -> str:
    return name.partition(".")[0]


def _installed(origin: str) -> bool:
    return not origin or origin.startswith(INSTALLED) or any(folder in Path(origin).parts for folder in PACKAGES)


def _origin(module: ModuleType) -> str:
    """The file of a module, the folder of a package without one, empty for what is built in."""
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else next(iter(getattr(module, "__path__", ())), "")
