"""The files that a function of one's own is made of: its own, and what it imports from around it.

Of a file these are the modules that lie in its folder or below; of a module of an installed package those of the same
package, with every `__init__.py` on the way. They are found by reading import statements, and those of what is
imported in turn; nothing is run. What is imported in another way (`importlib`, a path of its own making) is not seen.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from normlab.errors import NetworkError
from normlab.imports import installed_only
from normlab.spec.places import Place
from normlab.spec.problems import short


@dataclass(frozen=True)
class Home:
    """Where code lies: its `file`, the folder `root` that imports start from, and the one `within` which they count."""

    file: Path
    root: Path
    within: Path

    def holds(self, path: Path) -> bool:
        """Whether a path is a file of this home."""
        return (path == self.within or self.within in path.parents) and path.is_file()


def digest(place: Place) -> str:
    """SHA-256 over the SHA-256 of every file that a function is made of; raises what `hashes` raises."""
    return digest_of(hashes(place))


def digest_of(found: Mapping[Path, str]) -> str:
    """SHA-256 over `hashes`, that of the function's file first."""
    first, *others = found
    parts = [bytes.fromhex(found[path]) for path in (first, *sorted(others))]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def hashes(place: Place) -> dict[Path, str]:
    """SHA-256 of every file that a function is made of, its own first.

    Raises `NetworkError` where there is none, and whatever the packages raise that it lies in.
    """
    base = home(place)
    found: dict[Path, str] = {}
    waiting = [base.file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            code = path.read_bytes()
            found[path] = hashlib.sha256(code).hexdigest()
            waiting += _imported(path, code, base)
    return found


def folder(place: Place) -> Path | None:
    """Where the modules lie that a file imports from beside it; None for a module of a package."""
    return home(place).root if place.is_file else None


def home(place: Place) -> Home:
    """Where a place's code lies; raises `NetworkError` where it is not there, or cannot be looked at."""
    if place.is_file:
        file = _file(place)
        return Home(file, file.parent, file.parent)
    file, top = (_module_file(name, place) for name in (place.where, place.where.partition(".")[0]))
    package = top.name == "__init__.py"
    return Home(file, top.parent.parent if package else top.parent, top.parent if package else top)


def _file(place: Place) -> Path:
    try:
        file = Path(place.where).resolve()
        there = file.is_file()
    except (OSError, RuntimeError) as error:  # a name too long for a file; links that lead to themselves
        why = error.strerror if isinstance(error, OSError) else "its links lead to themselves"
        raise NetworkError(f"{place.kind} {short(place.where)}: cannot look at it: {why}") from None
    if not there:
        raise NetworkError(f"{place.told}: there is no file {place.where}; paths start from the current folder")
    return file


def _module_file(name: str, place: Place) -> Path:
    """A module's file; a submodule's is looked for only after its packages are imported."""
    with installed_only():
        try:
            spec = find_spec(name)
        except ModuleNotFoundError as error:
            if not f"{name}.".startswith(f"{error.name}."):
                raise  # one of its packages is there, and lacks something
            spec = None
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        told = f"there is no installed module {name}; name a file by its path, as in folder/nets.py:make"
        raise NetworkError(f"{place.told}: {told}")
    return Path(spec.origin).resolve()


def _imported(file: Path, code: bytes, base: Home) -> Iterator[Path]:
    """The files of a home that a file's import statements name, and the packages that it lies in itself."""
    yield from filter(base.holds, (folder / "__init__.py" for folder in file.parents if base.root in folder.parents))
    for level, parts in _statements(code, str(file)) if file.suffix == ".py" else ():  # compiled code says nothing
        start = file.parents[level - 1] if level else base.root
        for end in range(1, len(parts) + 1):
            path = start.joinpath(*parts[:end])
            yield from filter(base.holds, (path.with_name(f"{path.name}.py"), path / "__init__.py"))


@lru_cache(maxsize=1024)
def _statements(code: bytes, file: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """What import statements name: how many folders up they start, 0 for the root, and the names from there."""
    return tuple(each for node in ast.walk(ast.parse(code, file)) for each in _named(node))


def _named(node: ast.AST) -> Iterator[tuple[int, tuple[str, ...]]]:
    if isinstance(node, ast.Import):
        yield from ((0, tuple(alias.name.split("."))) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        before = node.module.split(".") if node.module else []
        yield from ((node.level, (*before, alias.name)) for alias in node.names)
