"""Jinja as every page has it: what comes from outside is escaped, and a name that nobody gave is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(*rooms: str, folder: str = "templates", **filters: Callable[..., Any]) -> Environment:
    """The templates of these rooms, the first ones foremost, and behind them those of this one.

    `folder` is where the first has them. Each of the `filters` has the name that templates call it by.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    first, *others = rooms
    loaders = [PackageLoader(first, folder), *map(PackageLoader, (*others, "normlab.show"))]
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters
    return made
