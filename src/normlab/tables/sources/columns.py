"""Runs that were found as a table with a row each: which columns can tell arms apart, which were measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from normlab.errors import SpecError
from normlab.show.numbers import plural
from normlab.tables import names
from normlab.tables.sources import labels
from normlab.tables.sources.found import Found, FoundRun, Measure, Plain
from normlab.tables.table import Origin, Table, from_rows

Configs = Sequence[Mapping[str, Plain]]


def table(found: Found, where: str) -> Table:
    """A row for each run; raises `SpecError` where there is none, or none that measured anything."""
    _some(found, where)
    configs = [run.config for run in found.runs]
    named = _by_name(found.runs, configs)
    rows = [
        {**config, **{name: measure.last for name, measure in _scores(run).items()}}
        for run, config in zip(found.runs, named or configs, strict=True)
    ]
    measured = frozenset(name for run in found.runs for name in _scores(run))
    notes = (*found.notes, *(["what the runs are called says arm and seed"] if named else []))
    origin = Origin(found.kind, measured, _idle(named or configs), found.lower, _steps(found.runs, measured), notes)
    return replace(from_rows(where, rows, [f"run {run.name}" for run in found.runs]), origin=origin)


def _some(found: Found, where: str) -> None:
    left = f" ({'; '.join(found.notes)})" if found.notes else ""
    if not found.runs:
        raise SpecError(f"{where}: {found.kind}, but no run to judge{left}")
    if not any(_scores(run) for run in found.runs):
        raise SpecError(f"{where}: {found.kind}, {plural(len(found.runs), 'run')}, none with a number measured{left}")


def _scores(run: FoundRun) -> dict[str, Measure]:
    """What was measured, the epoch apart: each run has a row, and it is its last."""
    apart = {*run.config, *(name for name in run.measured if names.known_as([name], names.EPOCH))}
    return {name: measure for name, measure in run.measured.items() if name not in apart}


def _by_name(runs: Sequence[FoundRun], configs: Configs) -> Configs | None:
    """What names say added to what the tool says, where that has no arm or no seed; None where they add nothing."""
    said = labels.read([run.name for run in runs])
    seed = names.known_as(_all(configs), names.SEED)
    wanted = set() if _varied(configs) - {seed} else _all(said).keys() - {"seed"}
    wanted |= {"seed"} if seed is None and all("seed" in each for each in said) else set()
    added = [{key: each[key] for key in each if key in wanted} for each in said]
    return [{**config, **more} for config, more in zip(configs, added, strict=True)] if any(added) else None


def _idle(configs: Configs) -> frozenset[str]:
    """Columns that tell no arms apart: the same in every run, or another in every run while some are not."""
    seed = names.known_as(_all(configs), names.SEED)
    varied = _varied(configs) - {seed}
    shared = {key for key in varied if len(_values(configs, key)) < len(configs)}
    return frozenset(_all(configs).keys() - (shared or varied) - {seed})


def _varied(configs: Configs) -> set[str]:
    return {key for key in _all(configs) if len(_values(configs, key)) > 1}


def _values(configs: Configs, key: str) -> set[str]:
    return {str(config.get(key)) for config in configs}


def _all(configs: Configs) -> dict[str, None]:
    return dict.fromkeys(key for config in configs for key in config)


def _steps(runs: Sequence[FoundRun], measured: Iterable[str]) -> dict[str, list[int]]:
    return {name: [run.measured[name].steps if name in run.measured else 0 for run in runs] for name in measured}
