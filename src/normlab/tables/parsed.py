"""JSON of others, which may be nested deeper than Python goes."""

from __future__ import annotations

import json
from typing import Any


def parsed(text: str | bytes) -> Any:
    """The value; raises `ValueError` for what is no JSON, in a line."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None
