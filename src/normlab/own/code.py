"""The function behind a place, imported when it is asked for; what its code raises is told with its own lines."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from normlab.errors import NetworkError, NormlabError, OwnCodeError
from normlab.own.neighbours import forget, neighbours
from normlab.own.sources import digest_of, folder, hashes, home
from normlab.spec.places import Place

OURS = (str(Path(__file__).parents[1]), "<frozen importlib")
_read: dict[Path, str] = {}
"""SHA-256 of each file as it was when code that is made of it was imported."""
_loaded: dict[tuple[Path, str], tuple[str, Callable[..., Any]]] = {}
"""The functions by file and name, with the digest of all that they are made of."""


def function(place: Place) -> Callable[..., Any]:
    """The function of a place, imported anew where a file that it is made of has changed in the meantime.

    Raises `NetworkError` where it is not there, `OwnCodeError` where its module cannot be imported.
    """
    with guest(place):
        files = hashes(place)
        which, digest = (next(iter(files)), place.function), digest_of(files)
        if _changed(files) or (which in _loaded and _loaded[which][0] != digest):
            _forget()
        _read.update(files)
        if which not in _loaded:
            _loaded[which] = digest, _function(_module(place, digest), place)
        return _loaded[which][1]


@contextmanager
def guest(place: Place) -> Iterator[None]:
    """Has code of a place run: it imports what is installed and lies beside it; what it raises is an `OwnCodeError`."""
    with neighbours(folder(place)):
        try:
            yield
        except NormlabError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - one's own code may do anything
            said = " ".join(str(error).split())
            told = f"{place.told}: its code raised {type(error).__name__}{': ' + said if said else ''}"
            raise OwnCodeError(told, _own_lines(error)) from None


def _module(place: Place, digest: str) -> ModuleType:
    if not place.is_file:
        return import_module(place.where)
    file = home(place).file
    name = f"{file.stem}@{digest[:12]}"  # no import statement finds it, and it hides no other module
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None, "a .py file has a loader"  # noqa: S101, PT018 - an invariant
    module = sys.modules[name] = module_from_spec(spec)  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, place: Place) -> Callable[..., Any]:
    found = getattr(module, place.function, None)
    if not callable(found):
        there = ", ".join(name for name, value in vars(module).items() if callable(value) and not name.startswith("_"))
        raise NetworkError(
            f"{place.told}: {place.here.where} has no function {place.function}; it has {there or 'none'}"
        )
    return found  # type: ignore[no-any-return]


def _changed(files: Mapping[Path, str]) -> bool:
    return any(_read.get(path, digest) != digest for path, digest in files.items())


def _forget() -> None:
    """Have all code imported anew: what has not changed itself may have taken something from what has."""
    forget(set(_read))
    _read.clear()
    _loaded.clear()


def _own_lines(error: BaseException) -> str:
    """The traceback without normlab's lines and the import system's, which say nothing to the code's author."""
    told = traceback.TracebackException.from_exception(error)
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(OURS)]
    )
    return "".join(told.format())
