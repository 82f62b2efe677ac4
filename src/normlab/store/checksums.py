"""SHA-256 over what the database holds, so that a flipped bit or an edited number is noticed when it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

JSON = json.JSONEncoder(separators=(",", ":"), default=repr)


def of_bytes(payload: bytes) -> str:
    """64 hexadecimal digits over a blob or a file."""
    return hashlib.sha256(payload).hexdigest()


def of_values(values: Sequence[Any]) -> str:
    """64 hexadecimal digits over values, or rows of values, as SQLite gives them.

    JSON writes every float with all its digits and is the same in every version of Python. Where bits have flipped in a
    row's header a number may come back as bytes, which JSON does not have: they are written as Python writes them.
    """
    return of_bytes(JSON.encode(values).encode())
