"""Arrays and facts as one file that tells when it was changed.

A line with the SHA-256 of the rest, and the rest a safetensors file whose metadata has the facts as JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from normlab.store import checksums

FACTS = "facts"


def seal(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> bytes:
    """The file of arrays, and of what JSON can hold."""
    payload = save(dict(arrays), {FACTS: json.dumps(facts)})
    return f"{checksums.of_bytes(payload)}\n".encode() + payload


def unseal(sealed: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What was sealed; raises `ValueError` where the file is not as it was written."""
    checksum, _, payload = sealed.partition(b"\n")
    if checksums.of_bytes(payload).encode() != checksum:
        raise ValueError("not as it was written")
    try:
        (length,) = struct.unpack_from("<Q", payload)
        header = json.loads(payload[8 : 8 + length])
        facts = json.loads(header["__metadata__"][FACTS])
        return load(payload), dict(facts)
    except (ValueError, TypeError, LookupError, RecursionError, struct.error, SafetensorError) as error:
        raise ValueError("not as it was written") from error
