"""JSON of published studies."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

from normlab import archive
from normlab.archive import words

STUDIES = Path(__file__).parents[3] / "studies"
FILES = "fashion/fashion.json", "course/norms.json", "sparse/sparse.json"
SEEDS = tuple((STUDIES / name).read_bytes() for name in FILES)


def read(case: bytes, folder: Path) -> object:
    """Its verdicts again, in words."""
    path = folder / "mine.json"
    path.write_bytes(case)
    published = archive.read(path)
    answers = archive.asked([published], {})
    archive.check(published, path.name)
    return [*words.lines(answers)], words.payload(answers)


PARSER = Parser("JSON, publication", lambda: SEEDS, read)
