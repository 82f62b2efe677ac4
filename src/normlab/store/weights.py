"""Weights as safetensors files: bounded header, no code in them, readable by every framework."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from normlab import files
from normlab.errors import StoreError


def file_name(arm_number: int, arm: str, seed: int) -> str:
    """A name that is valid everywhere; the arm's number in its study keeps two arms apart."""
    slug = re.sub(r"[^A-Za-z0-9.=-]+", "-", arm)
    return f"{arm_number:02d}-{slug}-seed{seed}.safetensors"


def write(path: Path, weights: Mapping[str, NDArray[Any]]) -> str:
    """Write atomically and return the file's SHA-256."""
    payload = save(dict(weights))
    files.write(path, payload)
    return hashlib.sha256(payload).hexdigest()


def read(path: Path, sha: str) -> dict[str, NDArray[Any]]:
    """The weights of a run; raises `StoreError` when the file is not the one that was written."""
    payload = path.read_bytes()
    if hashlib.sha256(payload).hexdigest() != sha:
        raise StoreError(f"{path} is not the file that its run wrote: delete the study's folder to train it anew")
    try:
        return load(payload)
    except SafetensorError as error:
        raise StoreError(f"{path} cannot be read: {error}") from None
