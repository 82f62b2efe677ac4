"""Which cluster is meant: `local:4`, or the address of a scheduler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from normlab.errors import SpecError
from normlab.spec.problems import short

LOCAL = re.compile(r"local:([1-9][0-9]{0,2})")
REMOTE = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.%a-z]+\]|[^\s/:@\[\]]+):([0-9]{1,5})")
LAST_PORT = 65_535


@dataclass(frozen=True)
class Address:
    """A cluster: so many workers to be started on this machine, or, where that is None, the scheduler at `text`."""

    text: str
    local: int | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """From what people write; raises `SpecError`."""
        text = str(text)
        if found := LOCAL.fullmatch(text):
            return cls(text, int(found[1]))
        found = REMOTE.fullmatch(text)
        if not found or not 0 < int(found[1]) <= LAST_PORT:
            raise SpecError(f"--cluster: expected local:N or tcp://HOST:PORT (or tls://…), got {short(text)}")
        return cls(text)
