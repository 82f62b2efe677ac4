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
from normlab.explanation import tensor
from normlab.explanation.cell import Cell, inside
from normlab.explanation.sets import divisors
from normlab.explanation.tensor import LARGEST
from normlab.norms import names
from normlab.show import output

if TYPE_CHECKING:
    from jinja2 import Template

SCRIPTS = ("norms.js", "format.js", "state.js", "grid.js", "worked.js", "curves.js", "page.js")
"""In the order in which they need each other."""
KINDS = ("bn", "ln", "gn", "in", "ln-c", "ln-chw", "rms", "none")
"""The norms of the page."""


def write(x: NDArray[np.float64], norm: str, path: Path, **start: Any) -> Path:
    """Put the page at `path`, whole or not at all; raises as `render`, and `StoreError` when it cannot be written."""
    return output.write(Path(path), render(x, norm, **start).encode())


def render(
    x: NDArray[np.float64], norm: str, *, gamma: ArrayLike = 1.0, beta: ArrayLike = 0.0, cell: Cell = (0, 0, 0, 0)
) -> str:
    """The page as text; the same start gives the same page.

    Args:
        x: the tensor that the page starts with, (N, C, H, W), at most 4,096 values between −1e9 and 1e9.
        norm: the name that it starts with, for instance `bn` or `gn:3`; plain `gn` takes the fewest groups above one.
        gamma, beta: one number, or one for each channel.
        cell: the one that is worked out first, its index in `x`.

    Raises:
        UnknownName, GroupsError: no norm is called so, or its groups do not divide the channels.
        SpecError: a norm that the page does not work; a tensor of another rank, without values, or with one that is too
            large or not finite.
    """
    x = tensor.of(x)
    name = names.read(norm)
    if name.kind not in KINDS or name.standardized:
        raise SpecError(f"{norm}: the page works {', '.join(KINDS)}; leave out --html to see {norm} in the terminal")
    channels = x.shape[1]
    start = {"shape": x.shape, "x": x.ravel().tolist(), "norm": name.kind, "most": LARGEST}
    start["groups"] = name.split(channels, "x")
    start["gamma"], start["beta"] = _per_channel(gamma, "gamma", channels), _per_channel(beta, "beta", channels)
    start["cell"] = int(np.ravel_multi_index(inside(cell, x.shape), x.shape))
    facts = {"x": x.tolist(), "divisors": len(divisors(channels)), "version": metadata.version("normlab")}
    return _template().render(start=start, **facts, read=_read, scripts=SCRIPTS)


def _per_channel(given: ArrayLike, name: str, channels: int) -> list[float]:
    values = tensor.numbers(given, name).ravel()
    if values.size not in (1, channels):
        raise SpecError(f"{name}: the page takes one number, or one for each of {channels} channels, got {values.size}")
    return [float(value) for value in np.broadcast_to(values, channels)]


def _read(name: str) -> str:
    """A file of this room, or of a report's."""
    homes = resources.files("normlab.explanation.page"), resources.files("normlab.show") / "templates"
    return next(home / name for home in homes if (home / name).is_file()).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    options: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(undefined=StrictUndefined, **options).from_string(_read("page.html.j2"))  # noqa: S701
