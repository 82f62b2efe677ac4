"""Where a function of one's own is: in a file, or in a module of an installed package.

    nets/wide.py:make        FILE.py:FUNCTION, the path as the shell knows it
    mylab.nets:make          PACKAGE.MODULE:FUNCTION

A name without a colon is that of a model which normlab, or an installed package, has registered.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from normlab.errors import SpecError
from normlab.spec.problems import short

FUNCTION = re.compile(r"(?P<where>.+\.py|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<function>[A-Za-z_]\w*)")


@dataclass(frozen=True)
class Place:
    """A function, the file or module that it stands in, and the kind of thing that it gives."""

    where: str
    function: str
    kind: str = "model"

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

    def title(self, *, exact: bool = False) -> str:
        """What people call it: a file without its folders, or with the nearest where that tells it from another."""
        return str(replace(self, where="/".join(Path(self.where).parts[-2 if exact else -1 :])))

    @property
    def told(self) -> str:
        """What errors call it."""
        return f"{self.kind} {self.here}"

    @property
    def here(self) -> Place:
        """The same with a file's path from the current folder, where it lies below that."""
        path, folder = Path(self.where), Path.cwd()
        return replace(self, where=str(path.relative_to(folder))) if path.is_relative_to(folder) else self


def place(text: str) -> Place | None:
    """Where a function is, None for what is called by a name alone."""
    found = FUNCTION.fullmatch(text)
    return Place(found["where"], found["function"]) if found else None


def expanded(path: str, field: str) -> Path:
    """A path that a field of a recipe has, with the folder of the user that it starts from, if any.

    Raises `SpecError` where there is no such user, or where nothing can be called so.
    """
    if "\0" in path:
        raise SpecError(f"{field}: {short(path)}: expected a path, which has no NUL in it")
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SpecError(f"{field}: {short(path)}: there is no such user; give the whole path") from None


def whole(model: str, base: Path | None = None) -> str:
    """A recipe's `model` with a file by its whole path, so that it is found from anywhere.

    Relative paths start from `base`, or from the current folder. Raises what `expanded` raises.
    """
    own = place(model)
    if own is None or not own.is_file:
        return model
    path = (base or Path.cwd()) / expanded(own.where, "model")
    return str(replace(own, where=os.path.realpath(path)))  # Path.resolve raises where links lead to themselves


def title(model: str, *, exact: bool = False) -> str:
    """What people call a recipe's `model`: see `Place.title`."""
    own = place(model)
    return own.title(exact=exact) if own else model


def here(model: str) -> str:
    """What errors call a recipe's `model`: see `Place.here`."""
    own = place(model)
    return str(own.here) if own else model
