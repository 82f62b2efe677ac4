"""`publish`: a finished study as a folder for others: what it is, what its runs scored, its report, and its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from normlab import files
from normlab.analysis.contrasts import owed
from normlab.archive import made
from normlab.archive.publication import BY_ACCURACY, Publication, text
from normlab.errors import SpecError, StoreError
from normlab.own import folder as home
from normlab.own import hashes
from normlab.records import Comparison
from normlab.spec import Study, read
from normlab.spec.places import Place, place
from normlab.store import plain_errors
from normlab.store.rows import now
from normlab.verbs import projects
from normlab.verbs.reopen import opened

README = "README.md"


@dataclass(frozen=True)
class Published:
    """A publication, the folder that it was written to, and the files there."""

    publication: Publication
    folder: Path
    files: tuple[Path, ...]


def publish(study: str | Path, folder: str | Path | None = None, *, out: str | Path = "normlab-out") -> Published:
    """Write a finished study for others: NAME.toml, NAME.json with the scores, its report, and code of one's own.

    A `README.md` that is there stays as it is: what a study says is for people to write.

    Args:
        study: its name in the project `out`, or its folder.
        folder: where to; `studies/NAME` if left out. What is there of the same study is replaced.

    Raises:
        StoreError: there is no such study, some of its runs are missing, or the folder cannot be written.
        SpecError: the folder has a study of the same name that is another one, the study is not judged by accuracy, or
            two files of its code have one name.
        NetworkError: code of one's own is no longer there.
    """
    where, comparison = projects.find(study, Path(out)), opened(study, out)
    if missing := owed(comparison):
        name = comparison.study.name
        raise StoreError(f"{name}: {missing} of its runs are missing; train them first: normlab compare {name}")
    if not comparison.study.verdict.usual:
        raise SpecError(f"{comparison.study.name}: {BY_ACCURACY}, and not by {comparison.study.verdict.outcome}")
    codes = [*_codes(comparison.study)]
    sources = _sources(codes)
    tables = _moved(comparison.study.to_dict(), {str(code): str(replace(code, where=_beside(code))) for code in codes})
    published = made.of(comparison, now()[:10], tables)
    to = Path(folder) if folder is not None else Path("studies") / published.name
    _same(published, to / f"{published.name}.toml")
    contents = {**_contents(published, where.folder / "report.html"), **sources}
    if not (to / README).exists():
        contents[README] = _readme(comparison, published).encode()
    with plain_errors(to):
        for name, content in contents.items():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            files.write(to / name, content)
    return Published(published, to, tuple(to / name for name in contents))


def _contents(published: Publication, report: Path) -> dict[str, bytes]:
    """The study, its scores and its report by their names."""
    name = published.name
    found = {f"{name}.toml": published.planned.to_toml(), f"{name}.json": text(published)}
    if report.is_file():
        found[f"{name}.html"] = report.read_text(encoding="utf-8")
    return {name: content.encode() for name, content in found.items()}


def _readme(comparison: Comparison, published: Publication) -> str:
    """What the study says, the commands that repeat it, and the table of its arms."""
    from normlab.report.tables import table
    from normlab.report.view import build

    name = published.name
    again = (
        f"    normlab compare {name}.toml       # from this folder\n    normlab answers --from .         # judged again"
    )
    where = f"{published.date}, {'; '.join(published.made)}. The report is [{name}.html]({name}.html)."
    arms = table(comparison, "markdown").strip()
    return f"# {name}\n\n{again}\n\n{build(comparison).headline}\n\n{where}\n\n{arms}\n"


def _same(published: Publication, file: Path) -> None:
    """Another study of the same name is not written over."""
    if file.exists() and {*read(file).digests} != {*published.planned.digests}:
        raise SpecError(f"{file} is another study of that name: take another folder, or give this study another name")


def _codes(study: Study) -> Iterator[Place]:
    """Files of one's own that the study's arms name."""
    texts = {text for arm in study.arms for text in (arm.recipe.model, arm.recipe.norm, arm.recipe.dataset)}
    yield from (code for text in sorted(texts) if (code := place(text)) and code.is_file)


def _beside(code: Place) -> str:
    """A file's path from the folder that it is published in."""
    return Path(code.where).name


def _sources(codes: list[Place]) -> dict[str, bytes]:
    """Every file that they are made of, by its path from the folder.

    Raises `SpecError` where two of different folders have one name: beside each other one would stand for both.
    """
    found = dict[str, bytes]()
    for code in codes:
        start = home(code) or Path()
        for path in hashes(code):
            name, content = str(path.relative_to(start)), path.read_bytes()
            if found.setdefault(name, content) != content:
                raise SpecError(f"two files of this study are called {name}: give one of them another name")
    return found


def _moved(tables: Any, names: Mapping[str, str]) -> Any:
    """Tables with other words in the place of some."""
    if isinstance(tables, Mapping):
        return {key: _moved(value, names) for key, value in tables.items()}
    if isinstance(tables, list):
        return [_moved(value, names) for value in tables]
    return names.get(tables, tables) if isinstance(tables, str) else tables
