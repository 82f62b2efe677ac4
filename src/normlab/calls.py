"""Runs of a training function of one's own: what one is called with, what it gave, and what it is known by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Call:
    """One run: a function called with a configuration on a seed.

    Args:
        config: what the function is given, values that JSON holds.
        seed: the replicate.
        code: SHA-256 of the function.
        label: what its arm is called in the study at hand; no part of what it is.
    """

    config: Mapping[str, Any]
    seed: int
    code: str
    label: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """What the run is known by: a SHA-256, 64 hexadecimal digits; `TypeError` for what JSON does not hold."""
        return _digest([self.config, self.seed, self.code])

    @property
    def treatment(self) -> str:
        """What is compared, as verdicts are remembered."""
        return _digest([self.config, self.code])

    @property
    def name(self) -> str:
        """How progress displays and errors call the run."""
        return f"{self.label} · seed {self.seed}"


@dataclass(frozen=True)
class CallRecord:
    """What a call gave, by name, as JSON holds it, and the seconds of wall time that it took."""

    call: Call
    gave: Mapping[str, Any]
    seconds: float

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.call.key


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
