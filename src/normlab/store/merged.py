"""What a merge came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Merged:
    """The keys of runs that are `new` here, how many were here `before`, and by key why others are `damaged`."""

    new: list[str] = field(default_factory=list)
    before: int = 0
    damaged: dict[str, str] = field(default_factory=dict)

    def count(self, keys: Sequence[str], new: Sequence[str]) -> None:
        """Add runs, of which these were new."""
        self.new += new
        self.before += len(keys) - len(new)

    def __iadd__(self, other: Merged) -> Merged:
        """Both together."""
        self.new += other.new
        self.before += other.before
        self.damaged |= other.damaged
        return self
