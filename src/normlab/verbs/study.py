"""`study`: one's own training function, run for every arm and seed, kept, and judged."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.spec.study import NAME
from normlab.store.log import Log
from normlab.tables import Judgement, judge

Config = dict[str, Any]
Train = Callable[[Config, int], float | Mapping[str, Any]]


def study(
    train: Train,
    *,
    vary: Mapping[str, Sequence[Any]],
    seeds: int | Sequence[int] = 3,
    base: Mapping[str, Any] | None = None,
    score: str = "accuracy",
    margin: float | None = None,
    lower_is_better: bool | None = None,
    level: float = 0.95,
    baseline: str | None = None,
    name: str = "study",
    out: str | Path = "normlab-out",
) -> Judgement:
    """Call a training function for every arm on the same seeds, and judge what it gives.

    Each run is kept as it ends, in `OUT/NAME/runs.jsonl`, and never made twice: the same call after an interruption,
    with more seeds or with more levels, makes what is missing. A run is known by its configuration, its seed and the
    function's own source; what that calls elsewhere is not looked at. All arms of a seed come before the next seed, so
    that a study cut short is still paired. What is paired is the function's matter: with one seed it should start from
    the same weights and see the same batches. Seeds that are added after a verdict are judged by rules that allow it.

    Args:
        train: called as `train(config, seed)`; gives the score of the run, or a mapping with it and more to keep, which
            JSON can hold.
        vary: the levels of each factor, by its name in the configuration; several are crossed.
        seeds: how many, counted from 0, or which.
        base: what else is in the configuration, the same in every arm.
        score: what the score is called: in the mapping, and by which it is known whether higher is better.
        margin, lower_is_better, level, baseline: see `judge`.
        name, out: where runs are kept.

    Raises:
        SpecError: nothing is varied, a level is no plain value, or a score is no finite number.
        StoreError: the runs cannot be read or written.
    """
    numbers = _numbers(seeds)
    _known(name)
    configs = list(_configs(vary, base or {}))
    log = Log(Path(out) / name / "runs.jsonl")
    runs = _Runs(log, train, _source(train), score)
    rows = [runs.of(config, seed) for seed in numbers for config in configs]
    grown = _looked(log, numbers)
    told = [{**{factor: str(run["config"][factor]) for factor in vary}, **_row(run, score)} for run in rows]
    return judge(
        told,
        arm=list(vary),
        seed="seed",
        score=score,
        margin=margin,
        lower_is_better=lower_is_better,
        level=level,
        baseline=baseline,
        grown=grown,
    )


def _numbers(seeds: int | Sequence[int]) -> tuple[int, ...]:
    numbers = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if not numbers:
        raise SpecError(f"seeds: expected how many, at least 1, or which, got {seeds!r}")
    return numbers


def _known(name: str) -> None:
    """A name is no path: runs stay in their project."""
    if not re.fullmatch(NAME, name):
        raise SpecError(f"name: expected up to 64 letters, digits and . _ -, the first no sign, got {name!r}")


def _looked(log: Log, seeds: Sequence[int]) -> bool:
    """Whether a verdict was shown on fewer of these seeds before; this one is remembered."""
    before = [set(run["look"]) for run in log.runs.values() if "look" in run]
    if set(seeds) not in before and len(seeds) > 1:
        log.add(f"look {sorted(seeds)}", {"look": sorted(seeds)})
    return any(look < set(seeds) for look in before)


@dataclass(frozen=True)
class _Runs:
    """The runs of a function: kept ones from the log, others made when they are asked for."""

    log: Log
    train: Train
    code: str
    score: str

    def of(self, config: Config, seed: int) -> dict[str, Any]:
        """The run of a configuration on a seed."""
        key = _key(config, seed, self.code)
        if key not in self.log.runs:
            start = time.monotonic()
            found = self.train(dict(config), seed)
            given = found if isinstance(found, Mapping) else {self.score: found}
            record = {what: _plain(value) for what, value in given.items()}
            value, seconds = self._number(record, config, seed), time.monotonic() - start
            self._keep(key, {"config": config, "seed": seed, "score": value, "seconds": seconds, "record": record})
        return self.log.runs[key]

    def _keep(self, key: str, run: dict[str, Any]) -> None:
        try:
            self.log.add(key, run)
        except TypeError as error:
            raise SpecError(f"{run['config']}, seed {run['seed']}: expected what JSON can hold: {error}") from None

    def _number(self, record: Mapping[str, Any], config: Config, seed: int) -> float:
        if self.score not in record:
            there = ", ".join(map(str, record)) or "nothing"
            raise SpecError(f"{config}, seed {seed}: expected {self.score} among {there}; name the score: score='…'")
        value = record[self.score]
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise SpecError(
                f"{config}, seed {seed}: expected a finite number as {self.score}, got {value!r}; nothing of it is kept"
            )
        return number


def _plain(value: Any) -> Any:
    """Scalars of NumPy and PyTorch as Python's; anything else as it is."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _configs(vary: Mapping[str, Sequence[Any]], base: Mapping[str, Any]) -> Iterator[Config]:
    text = next((factor for factor, levels in vary.items() if isinstance(levels, str)), None)
    if text is not None:
        raise SpecError(f"vary: {text}: expected a list of levels, got {vary[text]!r}")
    if not any(len(levels) > 1 for levels in vary.values()):
        raise SpecError("vary: expected a factor with two levels or more, for instance vary={'norm': ['bn', 'gn']}")
    for levels in product(*vary.values()):
        yield {**base, **dict(zip(vary, levels, strict=True))}


def _row(run: Mapping[str, Any], score: str) -> dict[str, Any]:
    return {"seed": run["seed"], score: run["score"]}


def _key(config: Config, seed: int, code: str) -> str:
    try:
        told = json.dumps([config, seed, code], sort_keys=True)
    except TypeError:
        raise SpecError(f"{config}: expected levels that are text, numbers, truth values or lists of these") from None
    return hashlib.sha256(told.encode()).hexdigest()


def _source(train: Train) -> str:
    """The function's own source; of one without, such as a compiled one, its name."""
    try:
        return inspect.getsource(train)
    except (OSError, TypeError):
        return f"{getattr(train, '__module__', '')}.{getattr(train, '__qualname__', type(train).__qualname__)}"
