"""What a merge came to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Merged:
    """The keys of runs that are `new` here, how many were here `before`, and by key why others are `damaged`."""

    new: list[str] = field(default_factory=list)
    before: int = 0
    damaged: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, *, new: bool) -> None:
        """Count a run."""
        if new:
            self.new.append(key)
        else:
            self.before += 1

    def __iadd__(self, other: Merged) -> Merged:
        """Both together."""
        self.new += other.new
        self.before += other.before
        self.damaged |= other.damaged
        return self
