"""A study in a notebook: what its cells show once they were executed, where scripts are blocked."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from chromium import Screen, save, visit
from nbclient import NotebookClient
from selenium.webdriver import Chrome

SCREEN = Screen("notebook", width=960, height=900)
CELLS = (
    'import normlab\n\nresult = normlab.compare(norms=["bn", "gn:4", "ln"], seeds=3, epochs=2)',
    "result",
)
STYLE = "body { font: 14px sans-serif; margin: 1rem } pre { background: #f4f4f4; padding: 0.7rem }"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def shoot(browser: Chrome, folder: Path) -> None:
    """All that fits the screen."""
    with TemporaryDirectory() as out:
        page = Path(out) / "notebook.html"
        shown = "".join(_shown(Path(out)))
        head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        page.write_text(f"<!doctype html>{head}<style>{STYLE}</style>{shown}", encoding="utf-8")
        visit(browser, page.as_uri(), SCREEN)
        save(browser, folder, SCREEN)


def _shown(folder: Path) -> Iterator[str]:
    """Each cell, and what it shows."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        yield f"<pre>{escape(cell.source)}</pre>"
        yield from (output.data["text/html"] for output in cell.outputs if "data" in output)
