"""The function behind a place, imported when it is asked for; what its code raises is told with its own lines."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from normlab.errors import NetworkError, NormlabError, OwnCodeError
from normlab.imports import installed_only
from normlab.models.own.sources import digest, home, sources
from normlab.spec.places import Place

OURS = (str(Path(__file__).parents[2]), "<frozen importlib")
_beside: dict[Path, dict[str, ModuleType]] = {}
"""The modules that were imported from each folder, by name."""
_loaded: dict[Place, tuple[str, Callable[..., Any]]] = {}


def function(place: Place) -> Callable[..., Any]:
    """The function of a place, imported anew where its code has changed in the meantime.

    Raises `NetworkError` where it is not there, `OwnCodeError` where its module cannot be imported.
    """
    with own_code(place):
        now = digest(place)
        before, found = _loaded.get(place, ("", None))
        if found is None or before != now:
            if before:
                _forget(place)
            found = _function(_module(place), place)
            _loaded[place] = now, found
    return found


@contextmanager
def own_code(place: Place) -> Iterator[None]:
    """Runs code of a place: it imports what is installed and what lies beside it, and raises `OwnCodeError`."""
    beside = [str(home(place).root)] if place.is_file else []
    invalidate_caches()  # a file that was written a moment ago is not yet in what importing remembers of its folder
    with installed_only(*beside), _with_modules_of(Path(beside[0]) if beside else None):
        try:
            yield
        except NormlabError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - one's own code may do anything
            said = " ".join(str(error).split())
            told = f"model {place}: its code raised {type(error).__name__}{': ' + said if said else ''}"
            raise OwnCodeError(told, _own_lines(error)) from None


@contextmanager
def _with_modules_of(root: Path | None) -> Iterator[None]:
    """Has the modules of one folder at hand and those of others not: each may have a helper of the same name."""
    for other, modules in _beside.items():
        for name, module in modules.items():
            if other != root and sys.modules.get(name) is module:
                del sys.modules[name]
    sys.modules.update(_beside.get(root, {}) if root else {})
    try:
        yield
    finally:
        if root:
            _beside[root] = {name: module for name, module in list(sys.modules.items()) if _lies_in(module, root)}


def _lies_in(module: ModuleType, root: Path) -> bool:
    """Whether a module is one's own; what is installed below the folder, as an environment there, is not."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or "site-packages" in file:
        return False
    return root in Path(file).parents and Path(sys.prefix) not in Path(file).parents and not file.startswith(OURS)


def _module(place: Place) -> ModuleType:
    if not place.is_file:
        return import_module(place.where)
    file = home(place).file
    name = f"{file.stem}@{digest(place)[:12]}"  # no import statement finds it, and it hides no other module
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None, "a .py file has a loader"  # noqa: S101, PT018 - an invariant
    module = sys.modules[name] = module_from_spec(spec)  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, place: Place) -> Callable[..., Any]:
    found = getattr(module, place.function, None)
    if not callable(found):
        there = ", ".join(name for name, value in vars(module).items() if callable(value) and not name.startswith("_"))
        raise NetworkError(f"model {place}: {place.where} has no function {place.function}; it has {there or 'none'}")
    return found  # type: ignore[no-any-return]


def _forget(place: Place) -> None:
    """Have the modules of a place imported anew: in a notebook their files change while the process lives."""
    files = {str(path) for path in sources(place)}
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) in files:
            del sys.modules[name]


def _own_lines(error: BaseException) -> str:
    """The traceback without normlab's lines and the import system's, which say nothing to the code's author."""
    told = traceback.TracebackException.from_exception(error)
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(OURS)]
    )
    return "".join(told.format())
