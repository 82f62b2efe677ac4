"""The page that shows a norm's numbers and works them anew as one types: one file, no network.

Python hands over where the page starts, a tensor and a norm's name; all arithmetic on the page is `norms.js`.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.errors import SpecError
from normlab.explaining import tensor
from normlab.explaining.cell import Cell, inside
from normlab.explaining.tensor import LARGEST
from normlab.norms import names
from normlab.report import files

if TYPE_CHECKING:
    from jinja2 import Template

SCRIPTS = ("norms.js", "format.js", "state.js", "grid.js", "worked.js", "curves.js", "page.js")
"""In the order in which they need each other."""


def write(x: NDArray[np.float64], norm: str, path: Path, **start: Any) -> Path:
    """Put the page at `path`, whole or not at all; raises as `render`, and `StoreError` when it cannot be written."""
    return files.write(Path(path), render(x, norm, **start).encode())


def render(
    x: NDArray[np.float64], norm: str, *, gamma: ArrayLike = 1.0, beta: ArrayLike = 0.0, cell: Cell = (0, 0, 0, 0)
) -> str:
    """The page as text; the same start gives the same page.

    Args:
        x: the tensor that the page starts with, (N, C, H, W), every value between −1e9 and 1e9.
        norm: the name that it starts with, for instance `bn` or `gn:3`; plain `gn` takes the fewest groups above one.
        gamma, beta: one number, or one for each channel.
        cell: the one that is worked out first, its index in `x`.

    Raises:
        UnknownName, GroupsError: no norm is called so, or its groups do not divide the channels.
        SpecError: a tensor of another rank, without values, or with one that is too large or not finite.
    """
    x = _checked(np.asarray(x, dtype=np.float64))
    name = names.read(norm)
    channels = x.shape[1]
    start = {"shape": x.shape, "x": x.ravel().tolist(), "norm": name.kind, "most": LARGEST}
    start["groups"] = name.split(channels, "x")
    start["gamma"], start["beta"] = _per_channel(gamma, "gamma", channels), _per_channel(beta, "beta", channels)
    start["cell"] = int(np.ravel_multi_index(inside(cell, x.shape), x.shape))
    divisors = sum(channels % count == 0 for count in range(1, channels + 1))
    facts = {"start": start, "x": x.tolist(), "divisors": divisors, "version": metadata.version("normlab")}
    return _template().render(**facts, read=_read, scripts=SCRIPTS)


def _per_channel(given: ArrayLike, name: str, channels: int) -> list[float]:
    values = tensor.numbers(given, name).ravel()
    if values.size not in (1, channels):
        raise SpecError(f"{name}: the page takes one number, or one for each of {channels} channels, got {values.size}")
    return [float(value) for value in np.broadcast_to(values, channels)]


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
