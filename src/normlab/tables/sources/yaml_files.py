"""YAML files of other tools as plain values: what would be made an object is left out, and nothing is run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from normlab.errors import MissingPackage, SpecError
from normlab.tables.sources.folder import content

MOST = 2**20
"""Letters of a configuration."""


def load(path: Path) -> Any:
    """The value of a file.

    Raises:
        MissingPackage: PyYAML is not there.
        SpecError: the file cannot be read, or is no YAML.
    """
    text = content(path)
    if len(text) > MOST:
        raise SpecError(f"{path}: expected a configuration of at most {MOST:,} letters, got {len(text):,}")
    yaml = _package(path)
    try:
        return yaml.load(text, _plain(yaml))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        at = "" if line is None else f", line {line + 1}"
        deep = "what is nested too deep" if isinstance(error, RecursionError) else None
        what = (deep or getattr(error, "problem", None) or str(error)).partition("\n")[0]
        raise SpecError(f"{path}{at}: expected YAML, got {what}") from None


def _package(wanted_for: Path) -> ModuleType:
    try:
        return import_module("yaml")
    except ImportError:
        raise MissingPackage(f'{wanted_for} needs PyYAML to be read: pip install "normlab[trackers]"') from None


def _plain(yaml: ModuleType) -> Any:
    """A loader to which the tags of Python's and other tools' objects say nothing that could be compared."""
    loader: Any = type("Plain", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("", lambda *_: None)
    return loader
