"""The folder of a hand-in: its pictures, README.md, handin.html and handin.ipynb."""

from __future__ import annotations

from pathlib import Path

from normlab.handin import notebook, page
from normlab.handin.facts import Handin
from normlab.show import output

README, PAGE, NOTEBOOK = "README.md", "handin.html", "handin.ipynb"
MADE = b"Made by normlab "
"""What stands in the last line of a README of ours."""


def is_ours(folder: Path) -> bool:
    """Whether README.md in a folder may be replaced: it is a hand-in's, or is not there."""
    try:
        return MADE in (folder / README).read_bytes()
    except OSError:
        return True  # not there; or not to be read, which writing then says


def write(handin: Handin, folder: Path, project: str) -> tuple[Path, ...]:
    """Put all of it into a folder, each file whole or not at all: README, page, notebook, then the pictures.

    Args:
        handin: what it says.
        folder: where; it is made where it is not there.
        project: the project's folder as the notebook says it, from the folder on.

    Raises `StoreError` where it cannot be written.
    """
    pictures = [output.write(folder / picture.file, picture.png) for picture in handin.pictures()]
    texts = {README: page.markdown(handin), PAGE: page.html(handin), NOTEBOOK: notebook.notebook(handin, project)}
    written = [output.write(folder / name, text.encode()) for name, text in texts.items()]
    return (*written, *pictures)
