"""What makes the jobs of a study in tests: of an engine and of data that are named, and not looked for."""

from __future__ import annotations

from dataclasses import replace

from normlab.models.jobs import Material
from normlab.plans import Maker
from normlab.spec import Study


def maker(study: Study, engine: str = "eager", data: str = "") -> Maker:
    """`data` is the digest of the images' content."""
    found = Material.of(study)
    return Maker(study, engine, replace(found, images=replace(found.images, digest=data)))
