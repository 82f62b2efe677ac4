"""A hook of mkdocs: the page of `normlab explain --html`, linked where a page says `<!-- site: the page -->`."""

from __future__ import annotations

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from normlab.explanation import page
from normlab.explanation.figure import FIGURE

PLACE = "<!-- site: the page -->"
NAME = "numbers.html"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """All files, with the page as one of them."""
    files.append(File.generated(config, NAME, content=page.render(FIGURE, "bn")))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with a link in the place of the comment."""
    return markdown.replace(PLACE, f"**[That page is here to play with]({NAME}).**")
