"""A training function of one's own: what it is known by, which runs a study makes of it, and how one is made."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from types import CodeType
from typing import Any

from normlab.calls import Call, CallRecord
from normlab.errors import SpecError

Config = dict[str, Any]
Train = Callable[[Config, int], float | Mapping[str, Any]]
FIXED = (str, bytes, int, float, complex, bool, type(None))
"""Values that no call can have changed."""


def calls(
    train: Train, vary: Mapping[str, Sequence[Any]], base: Mapping[str, Any], seeds: Sequence[int]
) -> tuple[Call, ...]:
    """All arms of the first seed, then all of the next; raises `SpecError` for what is no study."""
    configs, code = {_label(vary, config): config for config in _configs(vary, base)}, code_of(train)
    if len(configs) < math.prod(map(len, vary.values())):
        raise SpecError("vary: two levels of a factor are written the same way; give each once")
    made = tuple(Call(config, seed, code, label) for seed in seeds for label, config in configs.items())
    for call in made[: len(configs)]:
        _held_by_json(call)
    return made


def code_of(train: Train) -> str:
    """SHA-256 of the function: its source, and the plain values among its defaults and what it closes over.

    What it calls elsewhere is not looked at. Where there is no source, as in an interpreter, it is the compiled code.
    """
    return hashlib.sha256("\n".join(_parts(train)).encode()).hexdigest()


def _parts(train: Any) -> Iterator[str]:
    if isinstance(train, partial):
        yield from _parts(train.func)
        yield repr([value for value in (*train.args, *sorted(train.keywords.items())) if _fixed(value)])
        return
    function = train if hasattr(train, "__code__") or inspect.ismethod(train) else type(train)
    try:
        yield inspect.getsource(function)
    except (OSError, TypeError):
        yield from _compiled(getattr(function, "__code__", None)) or [function.__module__, function.__qualname__]
    if inspect.isfunction(function):
        held = [*(function.__defaults__ or ()), *inspect.getclosurevars(function).nonlocals.items()]
        yield repr([value for value in held if _fixed(value)])


def _compiled(code: CodeType | None) -> list[str]:
    """What a code object does, those within it included; empty for None."""
    if code is None:
        return []
    inner = [part for each in code.co_consts if isinstance(each, CodeType) for part in _compiled(each)]
    plain = [repr(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return [code.co_code.hex(), *plain, *code.co_names, *inner]


def _fixed(value: Any) -> bool:
    return all(map(_fixed, value)) if isinstance(value, tuple) else isinstance(value, FIXED)


@dataclass(frozen=True)
class Maker:
    """Makes a run by calling the function; `score` is what its score is called."""

    train: Train
    score: str

    def __call__(self, call: Call) -> CallRecord:
        """Raises `SpecError` for what is no record, and whatever the function raises."""
        start = time.monotonic()
        found = self.train(dict(call.config), call.seed)
        seconds = time.monotonic() - start
        given = found if isinstance(found, Mapping) else {self.score: found}
        record = {str(what): _plain(value) for what, value in given.items()}
        self.number(record)
        try:
            json.dumps(record)
        except (TypeError, ValueError) as error:
            raise SpecError(f"expected what JSON can hold: {error}") from None
        return CallRecord(call, record, seconds)

    def number(self, record: Mapping[str, Any]) -> float:
        """The score of a record; raises `SpecError` where it has none."""
        if self.score not in record:
            there = ", ".join(record) or "nothing"
            raise SpecError(f"expected {self.score} among {there}; name the score: score='…'")
        try:
            number = float(record[self.score])
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise SpecError(f"expected a finite number as {self.score}, got {record[self.score]!r}")
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


def _label(vary: Mapping[str, Sequence[Any]], config: Config) -> str:
    """As a table's arm is called."""
    levels = {factor: str(config[factor]) for factor in vary}
    return next(iter(levels.values())) if len(levels) == 1 else ", ".join(f"{f}={level}" for f, level in levels.items())


def _held_by_json(call: Call) -> None:
    try:
        _ = call.key
    except (TypeError, ValueError):
        raise SpecError(
            f"{dict(call.config)}: expected levels that are text, numbers, truth values or lists of these"
        ) from None
