"""`merge`: one store of several, and of what workers have left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from normlab.errors import StoreError
from normlab.store import Merged, Store
from normlab.verbs import registered


def merge(sources: str | Path | Sequence[str | Path] = (), *, out: str | Path = "normlab-out") -> Merged:
    """Keep in the project `out` what workers have left there, and the runs, looks and studies of other projects.

    In any order and as often as one likes, the store is the same: a run that is there is left as it is. Verdicts that
    were shown elsewhere count here too. Of two studies of one name the one that is here stays; a study that is the same
    in both has its registration here too.

    Raises `StoreError` where a project cannot be read or written, or is none, and where such a registration was
    changed; the runs are here then.
    """
    project = Path(out)
    if not sources and not project.is_dir():
        raise StoreError(f"no project in {project}: name another with --out, or projects to merge into it")
    with Store.open(project) as store:
        found = store.merge_spool()
        for source in map(Path, [sources] if isinstance(sources, str | Path) else sources):
            if source.resolve() != project.resolve():
                found += _merged(store, source)
    return found


def _merged(store: Store, source: Path) -> Merged:
    """What came from another project; a study that is the same here and there has its registration here too."""
    found = store.merge(source)
    with Store.reading(source) as other:
        theirs = {(study.name, study.toml) for study in other.studies()}
    for study in store.studies():
        if (study.name, study.toml) in theirs:
            registered.bring(study.name, source, store.project)
    return found
