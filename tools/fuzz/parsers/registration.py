"""Files of registrations, under a digest that is right: without it nothing is read of one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness import Parser

from normlab.report.words.registered import differences
from normlab.spec import design
from normlab.spec.registered import SEAL, text
from normlab.spec.registered import read as read_registration
from normlab.spec.registration import Design, Registration

STUDY = design(norms=["bn", "gn:4"], seeds=3, baseline="bn")
NOW = Design.of(STUDY, STUDY.digests, "5f" * 32)
WHEN = "2026-11-30T12:00:00+00:00"
WRITTEN = Registration(study="compare", registered=WHEN, trained=2, digest=NOW.digest, design=NOW)
SEEDS = (text(WRITTEN).rpartition(SEAL)[0].encode(),)


def read(case: bytes, folder: Path) -> object:
    """When it was made, and what differs from the study that it was made of."""
    path = folder / "compare.registered.toml"
    path.write_bytes(case + f"{SEAL}{hashlib.sha256(case).hexdigest()}\n".encode())
    registration = read_registration(path)
    return registration.when, differences(registration.design, NOW)


PARSER = Parser("TOML, registrations", lambda: SEEDS, read)
