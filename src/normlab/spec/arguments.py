"""A table of arguments as one line of JSON: equal tables are equal text, which is hashed, compared and written down.

{"width": 2, "hidden": [500, 300]}  ─▶  '{"hidden":[500,300],"width":2}'        no argument at all  ─▶  ''
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

PLAIN = (str, int, float, bool)


def text_of(given: Any) -> str:
    """The canonical text of a table, or of a table's JSON; raises `ValueError` for what is none."""
    table = _read(given) if isinstance(given, str) and given else given or {}
    if not isinstance(table, Mapping) or not all(isinstance(name, str) and name.isidentifier() for name in table):
        raise ValueError('expected a table of arguments by name, such as {"width": 2}')
    for name, value in table.items():
        if not all(isinstance(each, PLAIN) for each in (value if isinstance(value, list | tuple) else [value])):
            raise ValueError(f"{name}: expected a number, a word, true, false, or a list of such")
    return json.dumps(table, sort_keys=True, separators=(",", ":"), allow_nan=False) if table else ""


def table_of(text: str) -> dict[str, Any]:
    """The table behind a canonical text."""
    return dict(json.loads(text)) if text else {}


def shared(texts: Iterable[str]) -> str:
    """The arguments that all of several canonical texts have, with equal values."""
    tables = [table_of(text) for text in texts]
    first = tables[0] if tables else {}
    return text_of({name: value for name, value in first.items() if _everywhere(name, value, tables)})


def without(text: str, common: str) -> str:
    """A canonical text without the arguments of another, which it has."""
    left_out = table_of(common)
    return text_of({name: value for name, value in table_of(text).items() if name not in left_out})


def told(text: str) -> str:
    """A canonical text as the name of an arm has it: `hidden=[500,300] width=2`."""
    pairs = table_of(text).items()
    return " ".join(f"{name}={json.dumps(value, separators=(',', ':'), ensure_ascii=False)}" for name, value in pairs)


def _everywhere(name: str, value: Any, tables: Iterable[Mapping[str, Any]]) -> bool:
    """As JSON, where 1 and true are two values."""
    return all(name in table and json.dumps(table[name]) == json.dumps(value) for table in tables)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError('expected a table as JSON, such as {"width": 2}') from None
