"""A part of a page that another room has made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """Rules of its own for a page's style sheet, and its markup; both go into the page as they are."""

    style: str
    markup: str
