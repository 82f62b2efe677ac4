"""MLflow's file store, `mlruns`: a folder for each experiment, in it for each run, a file for each value.

mlruns/EXPERIMENT/meta.yaml                        name: norms
mlruns/EXPERIMENT/RUN/meta.yaml                    run_name, status, lifecycle_stage, …: a field a line
mlruns/EXPERIMENT/RUN/params/NAME                  the value
mlruns/EXPERIMENT/RUN/metrics/NAME                 TIME VALUE STEP, a line each
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from normlab.errors import SpecError
from normlab.tables.sources.folder import Folder, content
from normlab.tables.sources.found import Found, FoundRun, left_out, series

KIND = "MLflow's files"
META = "meta.yaml"
UNFINISHED = {"1": "still running", "2": "not started yet", "4": "failed", "5": "killed"}
"""MLflow's numbers of what a run may be, but for 3, finished."""


Fields = Mapping[str, str]


def takes(folder: Folder) -> bool:
    """Whether a run of MLflow lies in it."""
    return any(_is_run(_fields(path)) for path in folder.called(META))


def read(folder: Folder) -> Found:
    """The finished runs; raises `SpecError` for a file that is not as MLflow writes it."""
    known = {path.parent: _fields(path) for path in folder.called(META)}
    runs, why = [], Counter[str]()
    for home, fields in known.items():
        if _is_run(fields):
            experiment = known.get(home.parent, {})
            reason = _unfinished(fields, experiment)
            if reason is None:
                runs.append(_run(folder.under(home), fields, experiment))
            else:
                why[reason] += 1
    return Found(KIND, runs, notes=left_out(why))


def _is_run(fields: Fields) -> bool:
    return not fields.keys().isdisjoint({"run_id", "run_uuid"})


def _unfinished(run: Fields, experiment: Fields) -> str | None:
    if "deleted" in (run.get("lifecycle_stage"), experiment.get("lifecycle_stage")):
        return "deleted"
    return UNFINISHED.get(run.get("status", ""))


def _fields(path: Path) -> dict[str, str]:
    parts = [line.partition(": ") for line in content(path).splitlines()]
    return {name: value.strip("'\"") for name, _, value in parts}


def _run(folder: Folder, fields: Fields, experiment: Fields) -> FoundRun:
    params, metrics = folder.path / "params", folder.path / "metrics"
    config = {_name(path, params): content(path).strip() for path in folder.under(params).files}
    name = fields.get("run_name") or folder.path.name
    measured = [each for path in folder.under(metrics).files for each in _measured(path, _name(path, metrics))]
    return FoundRun(name, {"experiment": experiment.get("name", ""), **config}, series(measured))


def _name(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix()


def _measured(path: Path, name: str) -> Iterator[tuple[str, float, float]]:
    for number, line in enumerate(content(path).splitlines(), 1):
        try:
            _, value, *step = line.split()
            yield name, float(step[0]) if step else 0.0, float(value)
        except ValueError:
            raise SpecError(f"{path}, line {number}: expected TIME VALUE STEP, got {line[:60]!r}") from None
