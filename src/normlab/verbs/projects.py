"""Which study is meant, and where it lies: a project folder has one store, and a folder for each study by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from normlab import files, leftovers
from normlab.data.whereabouts import located
from normlab.errors import NormlabError, SpecError, StoreError
from normlab.spec import Options, Study, design, from_toml, parse, read
from normlab.spec.places import whole
from normlab.spec.problems import short
from normlab.store import Store, plain_errors

SPEC, SUITE = "study.toml", "suite.toml"
ENGINE = "engine.txt"
OLD = "runs.sqlite"


@dataclass(frozen=True)
class Place:
    """A study, the project that its runs are kept in, and the folder of its report."""

    study: Study
    project: Path

    @property
    def toml(self) -> str:
        """The study as a file."""
        return self.study.to_toml()

    @property
    def folder(self) -> Path:
        """Of the study's file, its report and its pictures."""
        return self.project / self.study.name


def stated(given: Study | str | Path | None, out: Path, options: Options) -> Place:
    """The study that is meant, changed by the options, and its project."""
    if isinstance(given, str | Path):
        found = find(given, out)
        return Place(with_place(design(found.study, **options)), found.project)
    return Place(with_place(design(given, **options)), out)


def with_place(study: Study, base: Path | None = None) -> Study:
    """The study with its images and models by their whole paths, so that they are found from anywhere.

    Relative paths start from `base`, or from the current folder. Raises `SpecError` where a place is not well written.
    """
    tables = study.to_dict()
    recipe, factors = tables["recipe"], tables.get("vary", {})
    recipe["dataset"] = str(located(study.recipe.dataset, base))
    if "model" in factors:
        factors["model"] = [whole(model, base) for model in factors["model"]]
    for table in (recipe, *tables.get("arms", ())):
        if "model" in table:
            table["model"] = whole(table["model"], base)
    return study if tables == study.to_dict() else parse(tables)


def find(given: str | Path, out: Path) -> Place:
    """The study that is called so in the project `out`, that lies in the folder `given`, or that the file describes.

    Raises `StoreError` where there is none, or where its file is not as it was written.
    """
    path = Path(given)
    try:
        if path.is_file():
            return Place(with_place(read(path), path.parent), out)
        folder = path if path.is_dir() else out / path
    except OSError as error:
        raise StoreError(f"no study {short(str(given))}: {error.strerror}") from None
    if (folder / OLD).is_file():
        raise StoreError(
            f"{folder} was made by an older normlab and cannot be read: choose another --out, or delete it"
        )
    return Place(_stored(folder, given), folder.parent)


def put(place: Place, store: Store, keys: list[str], engine: str) -> None:
    """Note the study in the store, and write its file for people, and its engine for workers."""
    text = place.study.to_toml()
    with plain_errors(place.folder):
        place.folder.mkdir(parents=True, exist_ok=True)
        leftovers.sweep(place.folder)
        for name, content in ((SPEC, text), (ENGINE, f"{engine}\n")):
            path = place.folder / name
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                files.write(path, content.encode())
    store.note(place.study.name, text, keys)


def begun(given: str | Path, out: Path) -> tuple[Place, str]:
    """A study that was begun, and its engine, without a look into the store: a worker may be far from it.

    Raises `StoreError` where there is none.
    """
    folder = Path(given) if Path(given).is_dir() else out / Path(given)
    if not (told := engine(folder)):
        raise StoreError(
            f"no study was begun in {folder}: `normlab submit` or `normlab compare` begins one, and workers help"
        )
    return Place(_moved(read(folder / SPEC), folder), folder.parent), told


def engine(folder: Path) -> str:
    """The engine that the study of a folder was begun with, as it says; empty where none was."""
    try:
        return (folder / ENGINE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def claimed(place: Place, store: Store, *, given: bool, fresh: bool = False) -> Place:
    """The study under a name that is its own, on seeds that no verdict was shown of where they are to be `fresh`.

    A study grows: the one that has its name must have no arm that this one lacks. Where nobody has `given` the name, a
    number is added until that is so; else this raises `SpecError`.
    """
    study = on_fresh_seeds(place.study, store) if fresh else place.study
    for name in names(study.name):
        tried = Place(study.model_copy(update={"name": name}), place.project)
        problem = taken(tried, store)
        if not problem:
            return tried
        if given:
            raise SpecError(problem)
    raise AssertionError("names do not end")  # pragma: no cover


def on_fresh_seeds(study: Study, store: Store) -> Study:
    """The study on as many seeds as it has, but on such that none of its arms was judged by before."""
    first = max((seed + 1 for look in store.looks(study.digests) for seed in look.seeds), default=0)
    return parse(study.to_dict() | {"seeds": list(range(first, first + len(study.seeds)))})


def studies(out: Path) -> list[str]:
    """The names of the studies in a project."""
    return sorted(path.parent.name for path in out.glob(f"*/{SPEC}"))


def latest(out: Path) -> Path:
    """The folder of the study in a project whose command ran last; `StoreError` where there is no study.

    One whose folder was deleted is none any more.
    """
    with Store.reading(out, needed=True) as store:
        there = [study for study in store.studies() if (out / study.name).is_dir()]
    if not there:
        raise StoreError(f"no study in {out}: make one with `normlab compare`, or name another project")
    return out / max(there, key=lambda study: (study.noted, (out / study.name).stat().st_mtime)).name


def _stored(folder: Path, given: str | Path) -> Study:
    noted = _noted(folder)
    path = folder / SPEC
    if noted is None and (folder / SUITE).is_file():
        parts = [name for name in studies(folder.parent) if name.startswith(f"{folder.name}-")]
        raise StoreError(f"{folder.name} is on several data sets: give one of its studies, {', '.join(parts)}")
    if noted is None and not path.is_file():
        there = ", ".join(studies(folder.parent)) or "none"
        raise StoreError(
            f"no study {short(str(given))}: expected the name of one in {folder.parent} ({there}), its folder, "
            "or a TOML file"
        )
    if noted is not None and path.is_file() and path.read_bytes() != noted.encode():
        raise StoreError(
            f"{path} is not as normlab wrote it: `normlab compare {path}` takes the change over, and without the file "
            "the study is as it was"
        )
    return from_toml(noted, str(path)) if noted is not None else _moved(read(path), folder)


def _moved(study: Study, folder: Path) -> Study:
    """A study whose file lies in a folder of its name; raises `StoreError` where that was copied or renamed."""
    if study.name != folder.name:
        raise StoreError(
            f"{folder / SPEC} is that of a study called {study.name!r}: `normlab compare {folder / SPEC}` runs it"
        )
    return study


def _noted(folder: Path) -> str | None:
    with Store.reading(folder.parent) as store:
        return _toml(store, folder.name)


def _toml(store: Store, name: str) -> str | None:
    """The spec that the store has of a study."""
    noted = store.noted(name)
    return noted.toml if noted else None


def names(name: str) -> Iterator[str]:
    """The name, and then with a number behind it, from 2 on."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def taken(place: Place, store: Store) -> str:
    """Why a study cannot have its name; empty where it can."""
    noted = _toml(store, place.study.name)
    if noted is None or not place.folder.exists():  # whoever deletes a study's folder is done with it
        return _foreign(place)
    try:
        old = from_toml(noted)
    except NormlabError:
        return f"the study {place.study.name!r} cannot be read any more: choose another --name"
    here = {arm.recipe: arm.name for arm in place.study.arms}
    lacking = [arm.name for arm in old.arms if arm.recipe not in here]
    if not lacking and old.root == place.study.root:
        return ""
    arms = ", ".join(lacking) or "all of them, from another root"
    return (
        f"the name {place.study.name!r} belongs to a study with arms that this one lacks ({arms}): choose another "
        f"--name, or grow that study with `normlab compare {place.study.name}`"
    )


def _foreign(place: Place) -> str:
    """A folder of this name that holds something else."""
    if (place.folder / OLD).is_file():
        return f"{place.folder} was made by an older normlab: choose another --name or --out, or delete it"
    if (place.folder / SPEC).is_file():
        other = read(place.folder / SPEC).name
        if other != place.study.name:
            return f"{place.folder} belongs to a study called {other!r}: choose another --name"
        return ""
    occupied = place.folder.exists() and (not place.folder.is_dir() or any(place.folder.iterdir()))
    return f"{place.folder} is there and no study's: choose another --name" if occupied else ""
