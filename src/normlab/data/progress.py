"""How a download tells how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""`(done_bytes, total_bytes, what)`; `total_bytes` is 0 while it is not known."""


def silent(done_bytes: int, total_bytes: int, what: str) -> None:
    """The listener that says nothing."""
