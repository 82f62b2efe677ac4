from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from normlab.spec import parse

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("penalties.md", "compact.md")]


def blocks(page: Path, language: str) -> list[str]:
    """The code of a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_on_the_pages_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page's blocks, one after the other, as a reader would type them."""
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), known)  # noqa: S102 - our own pages


def test_arms_on_the_penalty_page_are_arms() -> None:
    """Every spelling of a penalty there is one that a study takes."""
    (table,) = blocks(PAGES[0], "toml")
    study = parse(tomllib.loads(table))
    assert [arm.name for arm in study.arms] == [
        "bn",
        "bn + L1 0.0001",
        "bn + prox 0.0001",
        "bn + prox 0.0001 on conv*.weight",
        "bn + elastic 0.0001 mix 0.9",
    ]
