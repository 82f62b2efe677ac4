"""The published studies that come along with the package, and those of a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from normlab.archive.publication import Publication, publication, read, text
from normlab.errors import StoreError, UnknownName

SHELF = "shelf.json"


@cache
def shelf() -> tuple[Publication, ...]:
    """Those that come along."""
    kept = json.loads(files(__package__).joinpath(SHELF).read_bytes())
    return tuple(publication(each, SHELF) for each in kept)


def written(publications: Iterable[Publication]) -> str:
    """The file of those that come along."""
    return "[\n" + ",\n".join(text(each).rstrip() for each in publications) + "\n]\n"


def found(folder: str | Path) -> list[tuple[Path, Publication]]:
    """The published studies in a folder and in its folders, by their paths: JSON files that a TOML stands beside.

    Raises `StoreError` where there is none, and what `read` raises.
    """
    paths = [path for path in sorted(Path(folder).rglob("*.json")) if path.with_suffix(".toml").is_file()]
    if not paths:
        raise StoreError(f"no published study in {folder}: expected NAME.json beside NAME.toml; see normlab publish")
    return [(path, read(path)) for path in paths]


def called(name: str, publications: Iterable[Publication]) -> Publication:
    """The one called so; raises `UnknownName`."""
    known = {each.name: each for each in publications}
    if name not in known:
        raise UnknownName("publication", name, known)
    return known[name]
