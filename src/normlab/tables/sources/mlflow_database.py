"""MLflow's database, `mlflow.db`, as its version 3 keeps runs if nothing else is said."""

from __future__ import annotations

import math
import sqlite3
import sys
from collections import Counter, defaultdict
from typing import Any

from normlab.tables.sources.found import Found, FoundRun, Measure, left_out
from normlab.tables.table import number

KIND = "MLflow's database"
TABLES = {"runs", "params", "latest_metrics", "metrics", "experiments"}
UNFINISHED = {"RUNNING": "still running", "SCHEDULED": "not started yet", "FAILED": "failed", "KILLED": "killed"}

RUNS = """
SELECT runs.run_uuid, runs.name, runs.status, experiments.name,
       'deleted' IN (runs.lifecycle_stage, experiments.lifecycle_stage)
FROM runs JOIN experiments ON experiments.experiment_id = runs.experiment_id
ORDER BY runs.start_time, runs.run_uuid
"""
PARAMS = "SELECT run_uuid, key, value FROM params ORDER BY key"
STEPS = "SELECT run_uuid, key, COUNT(*) FROM metrics GROUP BY run_uuid, key"
LAST = "SELECT run_uuid, key, value, is_nan FROM latest_metrics ORDER BY key"


def read(database: sqlite3.Connection) -> Found:
    """The finished runs; raises `sqlite3.Error` for tables that are not MLflow's."""
    config: dict[str, dict[str, str]] = defaultdict(dict)
    for run, key, value in database.execute(PARAMS):
        config[run][str(key)] = str(value)
    measured, why, runs = _measured(database), Counter[str](), []
    for run, name, status, experiment, deleted in database.execute(RUNS):
        reason = "deleted" if deleted else UNFINISHED.get(status)
        if reason is None:
            runs.append(FoundRun(str(name or run), {"experiment": experiment, **config[run]}, measured[run]))
        else:
            why[reason] += 1
    return Found(KIND, runs, notes=left_out(why))


def _measured(database: sqlite3.Connection) -> dict[str, dict[str, Measure]]:
    steps = {(run, key): count for run, key, count in database.execute(STEPS)}
    found: dict[str, dict[str, Measure]] = defaultdict(dict)
    for run, key, value, is_nan in database.execute(LAST):
        found[run][str(key)] = Measure(math.nan if is_nan else _unbounded(value), steps.get((run, key), 1))
    return found


def _unbounded(cell: Any) -> float:
    """Infinity, which databases have no word for, is kept as the largest number; SQLite may hold text anywhere."""
    value = number(cell)
    if value is None:
        return math.nan
    return value if abs(value) < sys.float_info.max else math.copysign(math.inf, value)
