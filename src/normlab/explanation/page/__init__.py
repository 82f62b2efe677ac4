"""The page for teachers: the numbers of every norm in one file that a browser works out as one types."""

from normlab.explanation.page.html import render, write

__all__ = ["render", "write"]
