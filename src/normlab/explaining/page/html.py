"""The page that shows a norm's numbers and works them anew as one types: one file, no network.

Python hands over where the page starts, a tensor and a norm's name; all arithmetic on the page is `norms.js`.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from normlab.errors import SpecError
from normlab.norms import names
from normlab.report import files

if TYPE_CHECKING:
    from jinja2 import Template

LARGEST = 1e9
"""The largest number that a cell takes: its square is far from what float64 cannot hold."""
SCRIPTS = ("norms.js", "format.js", "state.js", "grid.js", "worked.js", "curves.js", "page.js")
"""In the order in which they need each other."""


def write(x: NDArray[np.float64], norm: str, path: Path) -> Path:
    """Put the page at `path`, whole or not at all; raises as `render`, and `StoreError` when it cannot be written."""
    return files.write(Path(path), render(x, norm).encode())


def render(x: NDArray[np.float64], norm: str) -> str:
    """The page as text; the same tensor and norm give the same page.

    Args:
        x: the tensor that the page starts with, (N, C, H, W), every value between −1e9 and 1e9.
        norm: the name that it starts with, for instance `bn` or `gn:3`; plain `gn` takes the fewest groups above one.

    Raises:
        UnknownName, GroupsError: no norm is called so, or its groups do not divide the channels.
        SpecError: a tensor of another rank, without values, or with one that is too large or not finite.
    """
    x = _checked(np.asarray(x, dtype=np.float64))
    name = names.read(norm)
    channels = x.shape[1]
    start = {"shape": x.shape, "x": x.ravel().tolist(), "norm": name.kind, "most": LARGEST}
    start["groups"] = name.split(channels, "x")
    divisors = sum(channels % count == 0 for count in range(1, channels + 1))
    facts = {"start": start, "x": x.tolist(), "divisors": divisors, "version": metadata.version("normlab")}
    return _template().render(**facts, read=_read, scripts=SCRIPTS)


def _checked(x: NDArray[np.float64]) -> NDArray[np.float64]:
    if x.ndim != 4 or not x.size:
        raise SpecError(
            f"the page shows (images, channels, height, width) with at least one value, got shape {x.shape}"
        )
    if not (np.abs(x) <= LARGEST).all():  # NaN is not smaller either
        worst = x[~(np.abs(x) <= LARGEST)][0]
        raise SpecError(f"the page shows numbers between −{LARGEST:g} and {LARGEST:g}, got {worst:g}")
    return x


def _read(name: str) -> str:
    return resources.files("normlab.explaining.page").joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    options: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(undefined=StrictUndefined, **options).from_string(_read("page.html.j2"))  # noqa: S701
