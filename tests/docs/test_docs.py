from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch

from normlab.spec import parse

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("penalties.md", "compact.md")]


def blocks(page: Path, language: str) -> list[str]:
    """The code of a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def ran(page: Path) -> dict[str, Any]:
    """What the page's blocks leave behind, run one after the other as a reader would type them."""
    found = blocks(page, "python")
    assert found, f"{page.name} has no code any more"
    known: dict[str, Any] = {}
    for block in found:
        exec(compile(block, page.name, "exec"), known)  # noqa: S102 - our own pages
    return known


def test_the_loop_on_the_penalty_page_penalises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It moves the model, and leaves it with plain parameters."""
    monkeypatch.chdir(tmp_path)
    known = ran(PAGES[0])
    assert [name for name, _ in known["model"].named_parameters()] == ["weight", "bias"]
    assert known["penalty"].held.steps == 3


def test_the_network_on_the_compact_page_gets_smaller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fewer parameters, the same answers, and the file that is loaded again is the network."""
    monkeypatch.chdir(tmp_path)
    known = ran(PAGES[1])
    assert known["result"].after.parameters < known["result"].before.parameters
    wanted = known["model"].eval()(known["images"])
    assert torch.allclose(known["network"](known["images"]), wanted, atol=1e-4)


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
