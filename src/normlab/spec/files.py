"""Studies out of plain values and TOML files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from normlab.errors import SpecError
from normlab.spec.problems import first_problem, no_such_field
from normlab.spec.study import Judging, Study

MOST_BYTES = 1 << 20
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")
NESTED = re.compile(r"""(?<![\w"'.-])(?:[\w"'-]+[ \t]*\.[ \t]*){20}""")
"""A key of more parts than a study has levels; each costs the parser as much as all before it."""


def parse(values: Mapping[str, Any]) -> Study:
    """A study from plain values; raises `SpecError` with the path of the first bad field and what is allowed."""
    try:
        return Study.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "extra_forbidden":
            path = ".".join(str(part) for part in first["loc"])
            raise SpecError(no_such_field(path, Judging if first["loc"][0] == "verdict" else Study)) from None
        path, problem = first_problem(error)
        raise SpecError(f"{path or 'study'}: {problem}") from None


def from_toml(text: str, where: str = "study") -> Study:
    """A study from TOML text; `where` names the file in errors."""
    try:
        if NESTED.search(text):
            raise ValueError("a key has more than 20 parts")
        return parse(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise SpecError(f"{where} is not valid TOML: {str(error)[:200]}") from None
    except SpecError as error:
        error.args = (f"{where}: {error}",)
        raise


def read(path: str | Path) -> Study:
    """A study from a TOML file; raises `SpecError` where it cannot be read, or is no study."""
    path = Path(path)
    try:
        if not path.is_file():
            raise SpecError(f"cannot read the study {path}: there is no such file")
        if path.suffix.lower() in TABLES:
            way = "`normlab judge` takes a table of runs, `normlab claims` one of accuracies"
            raise SpecError(f"cannot read the study {path}: expected TOML, got a table; {way}")
        if path.stat().st_size > MOST_BYTES:
            raise SpecError(f"cannot read the study {path}: it has more than {MOST_BYTES:,} bytes")
        return from_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot read the study {path}: {error}") from None
