"""Optuna's database of studies and their trials, as `storage="sqlite:///study.db"` leaves it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.sources.found import Found, flat
from normlab.tables.sources.optuna_trials import Trial, found, plain

KIND = "Optuna's database"
TABLES = {"studies", "trials", "trial_params", "trial_values", "trial_user_attributes", "study_directions"}
INFINITE = {"INF_POS": float("inf"), "INF_NEG": float("-inf")}

TRIALS = """
SELECT trials.trial_id, studies.study_name, trials.state, trials.number
FROM trials JOIN studies ON studies.study_id = trials.study_id ORDER BY trials.trial_id
"""
PARAMS = "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params ORDER BY param_id"
ATTRIBUTES = "SELECT trial_id, key, value_json FROM trial_user_attributes"
VALUES = "SELECT trial_id, objective, value, value_type FROM trial_values ORDER BY objective"
DIRECTIONS = "SELECT study_id, objective, direction FROM study_directions ORDER BY objective"


def read(database: sqlite3.Connection) -> Found:
    """The complete trials, and which way their values are better.

    Raises:
        SpecError: a parameter that is not kept as Optuna keeps it.
        sqlite3.Error: tables that are not Optuna's.
    """
    trials = {key: Trial(*rest) for key, *rest in database.execute(TRIALS)}
    try:
        _fill(trials, database)
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise SpecError(f"{KIND}: expected parameters and values as Optuna keeps them, got {error!r}") from None
    return found(KIND, trials.values(), _directions(database))


def _fill(trials: Mapping[int, Trial], database: sqlite3.Connection) -> None:
    for key, name, value, distribution in database.execute(PARAMS):
        trials[key].params[str(name)] = plain(value, distribution)
    for key, name, value in database.execute(ATTRIBUTES):
        trials[key].attributes |= flat({str(name): parsed(value)})
    for key, objective, value, kind in database.execute(VALUES):
        trials[key].values[objective] = INFINITE.get(kind, float(value))


def _directions(database: sqlite3.Connection) -> list[dict[int, bool]]:
    studies: dict[int, dict[int, bool]] = defaultdict(dict)
    for study, objective, direction in database.execute(DIRECTIONS):
        studies[study][objective] = direction == "MINIMIZE"
    return list(studies.values())
