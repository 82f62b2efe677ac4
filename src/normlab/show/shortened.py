"""Names that are too long for where they stand."""

from __future__ import annotations


def both_ends(name: str, most: int) -> str:
    """A name of at most so many letters: its beginning and its end, which mostly differs."""
    half = most // 2
    return name if len(name) <= most else f"{name[: most - half - 1]}…{name[-half:]}"
