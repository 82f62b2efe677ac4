"""`convert`: the norms of somebody's network exchanged, from the place of the function that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_model
from torch import nn

from normlab import files, leftovers
from normlab.conversion import Report, convert
from normlab.errors import NetworkError, SpecError, StoreError
from normlab.models.factory import Factory
from normlab.own import guest
from normlab.spec.places import place

IMAGES = 2
CLASSES = 10
USUAL = (3, 224, 224)
"""What a function that asks for the images' size is told where nobody says it."""


def convert_place(
    model: str,
    to: str,
    *,
    shape: tuple[int, int, int] | None = None,
    arguments: Mapping[str, Any] | None = None,
    nearest: bool = False,
    skip: Sequence[str] = (),
) -> tuple[nn.Module, Report]:
    """The network that a function makes, with other norms, and what was done.

    Args:
        model: where the function is: `package.module:factory` or `path/to/file.py:factory`.
        to: a norm's name.
        shape: of an image, (C, H, W), that the network takes; without one no example passes.
        arguments: what the function is called with, beside what it asks for by name.
        nearest, skip: as `convert` has them.

    Raises:
        SpecError: `model` is no place.
        OwnCodeError: the function raises something. `NetworkError` where it makes no network.
        NetworkError, GroupsError, UnknownName: see `convert`.
    """
    where = place(model)
    if where is None:
        raise SpecError(f"{model}: expected package.module:factory or path/to/file.py:factory")
    factory = Factory.of(where, arguments or {})
    usual = shape or USUAL
    with guest(where):
        made = factory.as_its_author_has_it(shape=usual, classes=CLASSES)
    example = None if shape is None else torch.randn(IMAGES, *shape, generator=torch.Generator().manual_seed(0))
    with guest(where):
        changed, report = convert(made, to, example=example, nearest=nearest, skip=skip, inplace=True)
    if example is not None:
        with guest(where):
            _passes(changed, example)
    return changed, report


def save(model: nn.Module, path: Path) -> None:
    """Write a network's weights as safetensors, shared ones once; raises `StoreError` where that cannot be done."""
    try:
        with leftovers.folder(Path(gettempdir()), "normlab-convert") as folder:
            whole = folder / path.name
            save_model(model, str(whole))
            files.write(path, whole.read_bytes())
    except (OSError, SafetensorError, RuntimeError) as error:
        raise StoreError(f"cannot write {path}: {error}") from None


def _passes(model: nn.Module, example: torch.Tensor) -> None:
    """That the converted network still computes something; a copy of it does, since batch norm would take it in."""
    try:
        with torch.no_grad():
            deepcopy(model)(example)
    except Exception as error:  # noqa: BLE001 - anybody's forward
        said = (str(error).splitlines() or [""])[0]
        raise NetworkError(f"the converted network does not run: {type(error).__name__}: {said}") from None
