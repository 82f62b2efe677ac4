"""The script beside exported weights: builds the network, loads them, and says what it takes and gives.

Names of studies, arms and classes come from outside. In the code they stand as Python writes them, in its docstring
with quotes and control characters escaped, so that nothing in them is ever run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from normlab.data import Dataset
from normlab.data.prepare import affine
from normlab.models.jobs import model_place
from normlab.models.registered import norm_place
from normlab.records import RunRecord
from normlab.show.numbers import percent, plural
from normlab.spec import Recipe
from normlab.spec.images import images
from normlab.spec.places import Place, place

if TYPE_CHECKING:
    from jinja2 import Environment

WEIGHTS, ONNX = "weights.safetensors", "network.onnx"


@dataclass(frozen=True)
class Colour:
    """What images of so many channels are called, Pillow's mode for them, and an `image` of it as (1, C, H, W)."""

    name: str
    mode: str
    array: str


COLOURS = {
    1: Colour("grey", "L", "numpy.asarray(image)[None, None]"),
    3: Colour("colour", "RGB", "numpy.asarray(image).transpose(2, 0, 1)[None]"),
}


def script(record: RunRecord, study: str, data: Dataset, *, onnx: bool) -> str:
    """The text of `load.py` for a finished run of a study; `onnx` says whether an ONNX file lies beside it."""
    recipe = record.job.recipe
    mean, std = affine(data, recipe.preprocess)
    return (
        _environment()
        .get_template("load.py.j2")
        .render(
            record=record,
            study=study,
            data=data,
            mean=mean,
            std=std,
            dataset=images(recipe.dataset).title,
            colour=COLOURS[record.job.shape[0]],
            prepared=_prepared(recipe.preprocess),
            model=_whole(recipe.model),
            own=_own(recipe),
            weights=WEIGHTS,
            onnx=ONNX if onnx else "",
            version=metadata.version("normlab"),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("normlab.bundle")
    environment = Environment(  # noqa: S701 - Python is no HTML; `code` and `text` are what is safe in it
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"code": repr, "text": _text, "percent": percent, "plural": plural}
    return environment


def _text(text: str) -> str:
    """Text as it may stand between triple quotes."""
    return repr(text)[1:-1].replace('"', '\\"')


def _prepared(how: str) -> str:
    levels = "" if how in ("standardize", "none") else f"the levels of each image by {how} (normlab.data.levels), then "
    return f"{levels}{'(x / 255 − MEAN) / STD, channel by channel' if how == 'standardize' else 'x / 255'}"


def _own(recipe: Recipe) -> list[str]:
    """The files and modules that the network is made of and that are none of normlab's."""
    found = [code for code in (model_place(recipe.model), norm_place(recipe.norm)) if code]
    return [_file(code) if code.is_file else f"the installed module {code.where}" for code in found]


def _whole(model: str) -> str:
    """A model's name that means the same from every folder."""
    own = place(model)
    return f"{_file(own)}:{own.function}" if own and own.is_file else model


def _file(code: Place) -> str:
    return str(Path(code.where).resolve())
