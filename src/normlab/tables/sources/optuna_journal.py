"""Optuna's journal: a line of JSON for each thing that was done to a study, of which the last word counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.sources.folder import content
from normlab.tables.sources.found import Found, flat
from normlab.tables.sources.optuna_trials import Trial, found, plain

KIND = "Optuna's journal"
STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
MINIMIZE = 1


@dataclass
class _Studies:
    """What the journal has told so far."""

    names: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    directions: list[dict[int, bool]] = field(default_factory=list)
    trials: list[tuple[int, Trial]] = field(default_factory=list)

    def created(self, done: dict[str, Any]) -> None:
        self.names.append(done["study_name"])
        self.directions.append({place: way == MINIMIZE for place, way in enumerate(done["directions"])})

    def dropped(self, done: dict[str, Any]) -> None:
        self.deleted.add(done["study_id"])

    def begun(self, done: dict[str, Any]) -> None:
        study = done["study_id"]
        number = sum(each == study for each, _ in self.trials)
        trial = Trial(self.names[study], STATES[done.get("state", 0)], number)
        for name, value in done.get("params", {}).items():
            trial.params[name] = plain(value, done["distributions"][name])
        trial.values = _values(done)
        self.trials.append((study, trial))

    def suggested(self, done: dict[str, Any]) -> None:
        trial = self.trials[done["trial_id"]][1]
        trial.params[done["param_name"]] = plain(done["param_value_internal"], done["distribution"])

    def moved(self, done: dict[str, Any]) -> None:
        trial = self.trials[done["trial_id"]][1]
        trial.state, trial.values = STATES[done["state"]], _values(done)

    def noted(self, done: dict[str, Any]) -> None:
        self.trials[done["trial_id"]][1].attributes |= flat(done["user_attr"])


DONE: dict[int, Callable[[_Studies, dict[str, Any]], None]] = {
    0: _Studies.created,
    1: _Studies.dropped,
    4: _Studies.begun,
    5: _Studies.suggested,
    6: _Studies.moved,
    8: _Studies.noted,
}
"""Optuna's numbers of what is done (`JournalOperation`); others change nothing that is judged."""


def takes(path: Path) -> bool:
    """Whether the first line is one of a journal."""
    with path.open("rb") as file:
        return file.read(20).startswith(b'{"op_code":')


def read(path: Path) -> Found:
    """The complete trials of the studies that are there; raises `SpecError` for a line that is none of Optuna's."""
    studies = _Studies()
    for line, done in _lines(path):
        try:
            if hear := DONE.get(done["op_code"]):
                hear(studies, done)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise SpecError(f"{path}, line {line}: expected an entry of Optuna's, got {error!r}") from None
    there = [trial for study, trial in studies.trials if study not in studies.deleted]
    ways = [each for study, each in enumerate(studies.directions) if study not in studies.deleted]
    return found(KIND, there, ways)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """The last may be half written while a study runs."""
    lines = content(path).split("\n")
    for number, line in enumerate(lines, 1):
        try:
            if line:
                yield number, parsed(line)
        except ValueError:
            if number < len(lines):
                raise SpecError(f"{path}, line {number}: expected JSON, got {line[:60]!r}") from None


def _values(done: dict[str, Any]) -> dict[int, float]:
    return dict(enumerate(done.get("values") or ()))
