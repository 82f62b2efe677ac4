"""Where a model of one's own is: a function in a file, or in a module of an installed package.

    nets/wide.py:make        FILE.py:FUNCTION, the path as the shell knows it
    mylab.nets:make          PACKAGE.MODULE:FUNCTION

A name without a colon is that of a model which normlab, or an installed package, has registered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A function, and the file or module that it stands in."""

    where: str
    function: str

    def __str__(self) -> str:
        return f"{self.where}:{self.function}"

    @property
    def is_file(self) -> bool:
        """Whether `where` is a path."""
        return self.where.endswith(".py")

    @property
    def placeless(self) -> str:
        """What is left of the name when it no longer matters where the code lies."""
        return f":{self.function}"


def place(model: str) -> Place | None:
    """Where a model's function is, None for one that is known by its name alone."""
    where, colon, function = model.rpartition(":")
    return Place(where, function) if colon else None
