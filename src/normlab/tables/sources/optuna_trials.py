"""What a trial of Optuna is, from its database or its journal: the same words in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from normlab.tables.parsed import parsed
from normlab.tables.sources.found import Found, FoundRun, Measure, Plain, flat, left_out

UNFINISHED = {"RUNNING": "still running", "WAITING": "not started yet", "PRUNED": "pruned", "FAIL": "failed"}


@dataclass
class Trial:
    """A trial as it has come so far; `state` is COMPLETE for one that counts."""

    study: str
    state: str
    number: int
    params: dict[str, Plain] = field(default_factory=dict)
    attributes: dict[str, Plain] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)

    @property
    def run(self) -> FoundRun:
        """As a run of any tool."""
        several = len(self.values) > 1
        measured = {f"value {place}" if several else "value": Measure(value, 1) for place, value in self.values.items()}
        return FoundRun(f"trial {self.number}", {"study": self.study, **self.attributes, **self.params}, measured)


def found(kind: str, trials: Iterable[Trial], directions: Sequence[Mapping[int, bool]]) -> Found:
    """The trials that are complete.

    Args:
        kind: what they were taken for.
        trials: all of them.
        directions: of each study, whether lower is better, by the place of the value.
    """
    runs, why = [], Counter[str]()
    for trial in trials:
        if trial.state == "COMPLETE":
            runs.append(trial.run)
        else:
            why[UNFINISHED.get(trial.state, str(trial.state))] += 1
    return Found(kind, runs, _agreed(directions), left_out(why))


def plain(internal: float, distribution: str) -> Plain:
    """A parameter as the user knows it: Optuna keeps the place of a choice, and whole numbers as floats.

    Raises `ValueError`, `LookupError`, `TypeError` or `OverflowError` for what is no distribution of Optuna's.
    """
    known = parsed(distribution)
    if known["name"] == "CategoricalDistribution":
        (value,) = flat({"choice": known["attributes"]["choices"][int(internal)]}).values() or (None,)
        return value
    return int(internal) if "Int" in known["name"] else float(internal)


def _agreed(directions: Sequence[Mapping[int, bool]]) -> dict[str, bool]:
    """By the names of measures; nothing where studies differ."""
    if not directions or any(each != directions[0] for each in directions):
        return {}
    several = len(directions[0]) > 1
    return {f"value {place}" if several else "value": lower for place, lower in directions[0].items()}
