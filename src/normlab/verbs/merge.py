"""`merge`: one store of several, and of what workers have left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from normlab.errors import StoreError
from normlab.store import Merged, Store


def merge(sources: str | Path | Sequence[str | Path] = (), *, out: str | Path = "normlab-out") -> Merged:
    """Keep in the project `out` what workers have left there, and the runs, looks and studies of other projects.

    In any order and as often as one likes, the store is the same: a run that is there is left as it is. Verdicts that
    were shown elsewhere count here too. Of two studies of one name the one that is here stays.

    Raises `StoreError` where a project cannot be read or written, or is none.
    """
    project = Path(out)
    if not sources and not project.is_dir():
        raise StoreError(f"no project in {project}: name another with --out, or projects to merge into it")
    with Store.open(project) as store:
        found = store.merge_spool()
        for source in map(Path, [sources] if isinstance(sources, str | Path) else sources):
            if source.resolve() != project.resolve():
                found += store.merge(source)
    return found
