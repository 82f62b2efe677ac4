"""How a study was done, for a paper: `methods.md` with citations as Pandoc reads them, and `references.bib`."""

from __future__ import annotations

from pathlib import Path

from normlab.records import Comparison
from normlab.report.methods import methods
from normlab.report.view import build


def write(comparison: Comparison, folder: Path) -> None:
    """Both files."""
    found = methods(build(comparison).facts)
    (folder / "methods.md").write_text(found.markdown, encoding="utf-8")
    (folder / "references.bib").write_text(found.bibtex, encoding="utf-8")
