"""What else is called nearly so, for those who have misspelt a file or a folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

MOST = 3


def near(path: Path) -> list[str]:
    """The names beside a path that are nearly its own, the nearest first."""
    try:
        there = [each.name for each in path.parent.iterdir() if not each.name.startswith(".")]
    except OSError:
        return []
    return get_close_matches(path.name, there, n=MOST)
