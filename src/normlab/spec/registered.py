"""A registration as a file that people read; its last line has the digest of all lines above it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from normlab import files
from normlab.errors import StoreError
from normlab.spec.files import NESTED
from normlab.spec.registration import Registration

MOST_BYTES = 1 << 24
"""Of a file: it has every arm of a study that is crossed in a line or two."""
SEAL = "# SHA-256 of all lines above: "
HEAD = """\
# The study {study} was registered on {when}.
# Primary outcome: {outcome}; {replicates}.
# Its report says whether it still is so. Whatever is changed here is noticed, by the digest in the last line.

"""


def text(registration: Registration) -> str:
    """The registration as TOML under a sentence that says when it was made, and its seal."""
    study, design = registration.study, registration.design
    head = HEAD.format(study=study, when=registration.when, outcome=design.outcome, replicates=design.replicates)
    body = head + tomli_w.dumps(registration.model_dump(mode="json"))
    return f"{body}{SEAL}{_digest(body)}\n"


def read(path: Path) -> Registration:
    """A registration from its file; raises `StoreError` where it cannot be read, is none, or was changed."""
    try:
        body, seal, digest = files.content(path, MOST_BYTES).decode().rpartition(SEAL)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"cannot read the registration {path}: {error}") from None
    if not seal:
        raise _no_registration(path, "its last line has no digest")
    if digest != f"{_digest(body)}\n":
        raise StoreError(
            f"{path} was changed after it was written (its digest is another): put it back as it was, or delete it; "
            "then the study is not registered"
        )
    return _parsed(body, path)


def _parsed(body: str, path: Path) -> Registration:
    try:
        if NESTED.search(body):
            raise _no_registration(path, "a key has more than 20 parts")
        return Registration.model_validate(tomllib.loads(body))
    except ValidationError as error:
        raise _no_registration(path, f"{error.error_count()} of its fields are not what this normlab writes") from None
    except (ValueError, RecursionError):
        raise _no_registration(path, "it is not valid TOML") from None


def _no_registration(path: Path, why: str) -> StoreError:
    return StoreError(f"{path} is no registration ({why}): move it away; `normlab preregister` writes one")


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
