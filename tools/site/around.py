"""A hook of mkdocs: brings what lies around docs/ into the site, and turns links to it.

On disk a page says `[studies/lean](../studies/lean)`, which any viewer of Markdown can follow. In the site that link
leads to a page made from the study's README; scripts and studies become pages that show them, and reports are
copied as they are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from posixpath import dirname, relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
BROUGHT = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "examples/*.py",
    "studies/*/*",
    "benchmarks/*.*",
    "benchmarks/results/*",
)
SHOWN = {".py": "python", ".toml": "toml", "": "text"}
LINK = re.compile(r"\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """All pages and pictures, with those from outside of docs/."""
    for pattern in BROUGHT:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                files.append(_file(path, config))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """The page with its links as they are in the site."""
    if page.file.abs_src_path is None:
        return markdown  # a file that is shown has no links
    here, docs = Path(page.file.abs_src_path).parent, Path(config.docs_dir)

    def turned(link: re.Match[str]) -> str:
        path = Path(os.path.normpath(here / link[1]))
        if not path.exists():
            return link[0]  # mkdocs will say so
        return f"]({relpath(_in_site(path, docs), dirname(page.file.src_uri) or '.')}{link[2] or ''})"

    return LINK.sub(turned, markdown)


def _file(path: Path, config: MkDocsConfig) -> File:
    name = _in_site(path, Path(config.docs_dir))
    if path.suffix not in SHOWN:
        return File.generated(config, name, abs_src_path=str(path))
    text = path.read_text(encoding="utf-8")
    return File.generated(config, name, content=f"# {path.name}\n\n````{SHOWN[path.suffix]}\n{text}````\n")


def _in_site(path: Path, docs: Path) -> str:
    """What a file is called in the site; a folder and its README are a page called after the folder."""
    if path.is_relative_to(docs):
        return path.relative_to(docs).as_posix()
    name = (path.parent if path.name == "README.md" else path).relative_to(ROOT).as_posix()
    return f"{name}.md" if path.is_dir() or path.name == "README.md" or path.suffix in SHOWN else name
