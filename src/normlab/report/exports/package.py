"""Packages that only one form of export needs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from normlab.errors import MissingPackage
from normlab.imports import installed_only


def package(name: str, who: str, extra: str) -> Any:
    """The package; raises `MissingPackage` where it is not installed, whatever folder of its name lies here."""
    try:
        with installed_only():
            return import_module(name)
    except ImportError:
        raise MissingPackage(f'{who}: pip install "normlab[{extra}]"') from None
