"""What a run under way tells, as plain values that any message can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from normlab.events import BatchDone, EpochDone, Event, RunSaved
from normlab.records import Epoch

KINDS: Mapping[str, type[BatchDone | EpochDone | RunSaved]] = {
    kind.__name__: kind for kind in (BatchDone, EpochDone, RunSaved)
}
KIND = "kind"
SAID = "said"
"""Where a message has the table: the library adds words of its own beside it."""
LEFT = "left"
"""What a task says, with its name, that was cancelled and has ended."""


def plain(event: Event) -> dict[str, Any] | None:
    """An event of a run as a table; None for any other."""
    return {KIND: type(event).__name__, **asdict(event)} if isinstance(event, tuple(KINDS.values())) else None


def event_of(table: Mapping[str, Any]) -> Event:
    """The event that was made plain."""
    values = {name: value for name, value in table.items() if name != KIND}
    if "epoch" in values and isinstance(values["epoch"], Mapping):
        values["epoch"] = Epoch(**values["epoch"])
    return KINDS[table[KIND]](**values)
