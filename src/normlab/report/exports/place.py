"""Where an export goes: a new or empty place, or that of an earlier export of the same study; anything else is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from normlab import files, leftovers
from normlab.errors import SpecError, StoreError

MARK = ".normlab-export"
"""In a folder of ours: what it is an export of, and the files that were written, a line each."""


def filled(folder: Path, what: str, fill: Callable[[Path], None]) -> tuple[Path, ...]:
    """Fill a folder aside, and put it in place when all is there; gives the files.

    Args:
        folder: where to.
        what: what it is an export of; an earlier one of the same is replaced.
        fill: writes into an empty folder.

    Raises:
        SpecError: the folder holds anything else.
        StoreError: it cannot be written.
    """
    try:
        _check_free(folder, what)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with leftovers.folder(folder.parent, folder.name) as aside:
            made = aside / "made"
            made.mkdir()
            fill(made)
            written = _files(made)
            (made / MARK).write_text("\n".join([what, *map(str, written)]) + "\n", encoding="utf-8")
            if folder.exists():
                folder.rename(aside / "before")
            made.rename(folder)
    except OSError as error:
        raise StoreError(f"cannot write to {folder}: {error.strerror or error}") from None
    return tuple(folder / path for path in written)


def written(path: Path, text: str) -> tuple[Path, ...]:
    """Write a single file, over an earlier one that starts with the same line.

    Raises `SpecError` where the file is another, `StoreError` where it cannot be written.
    """
    try:
        first = text.partition("\n")[0]
        if path.exists() and not (path.is_file() and _first_line(path) == first):
            raise SpecError(f"{path} is there already, and no earlier export: choose another --out")
        return (files.write(path, text.encode()),)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from None


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(100_000).decode(errors="replace").rstrip("\n")


def _check_free(folder: Path, what: str) -> None:
    there = _files(folder) if folder.is_dir() else []
    if folder.exists() and not folder.is_dir():
        raise SpecError(f"{folder} is no folder: choose another --out")
    known = _known(folder / MARK) if there else [what]
    if known[:1] != [what]:
        raise SpecError(f"{folder} holds something else than {what}: choose another --out")
    others = sorted({str(path) for path in there} - {MARK, *known[1:]})
    if there and others:
        raise SpecError(f"{folder} holds other files ({', '.join(others[:3])}): choose another --out")


def _known(mark: Path) -> list[str]:
    return mark.read_text(encoding="utf-8", errors="replace").splitlines() if mark.is_file() else []


def _files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
