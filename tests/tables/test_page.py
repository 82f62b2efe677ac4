"""A judged table as a page, and in a notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsers import fits, requested, visit

import normlab
from normlab.tables import Judgement

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ROWS: list[dict[str, Any]] = [
    {"norm": norm, "lr": lr, "seed": seed, "acc": 98 + place + lr + seed / 100}
    for place, norm in enumerate(("<script>bn", "gn:4"))
    for lr in (0.01, 0.1)
    for seed in (1, 2, 3)
]


@pytest.fixture
def found() -> Judgement:
    """Two factors, a name that would be a script, three seeds."""
    return normlab.judge(
        [{**row, "acc": row["acc"] + (row["seed"] % 2) * row["lr"]} for row in ROWS], arm=["norm", "lr"]
    )


@pytest.mark.slow
def test_the_page_has_what_json_has(found: Judgement, tmp_path: Path) -> None:
    """The headline, every sentence, and all numbers; a name is no markup."""
    page = found.report(tmp_path / "judged.html").read_text()
    (numbers,) = re.findall(r'<script type="application/json" id="numbers">(.*?)</script>', page)
    assert json.loads(numbers) == json.loads(json.dumps(found.to_dict()))
    assert "<script>bn" not in page
    assert found.headline.replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.slow
def test_pairs_are_named_by_what_differs(found: Judgement, tmp_path: Path) -> None:
    """The other factor stands behind it, so that no two lines look alike."""
    page = found.report(tmp_path / "judged.html").read_text()
    assert "lr 0.01 − 0.1 (norm=gn:4)" in page
    assert "norm gn:4 − " in page or "− gn:4 (lr=0.1)" in page


@pytest.mark.slow
def test_a_notebook_shows_still_pictures(found: Judgement) -> None:
    """No scripts, and both charts."""
    shown = found._repr_html_()
    assert shown.count("<svg") == 2
    assert "<script" not in shown


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_many_arms_and_pairs_are_still_read(tmp_path: Path) -> None:
    """The page says which are shown."""
    rows = [{"arm": f"a{arm}", "seed": seed, "acc": 50 + arm + seed % 3} for arm in range(40) for seed in range(3)]
    page = normlab.judge(rows).report(tmp_path / "judged.html").read_text()
    assert "Of 40 arms the 15 highest and the 15 lowest are shown." in page
    assert "Of 780 pairs 24 are shown." in page


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_in_a_browser(browser: Chrome, found: Judgement, tmp_path: Path, width: int, scheme: str) -> None:
    """Both charts are drawn, nothing is fetched, and no sideways scroll is needed."""
    address = found.report(tmp_path / "judged.html").as_uri()
    visit(browser, address, width, scheme)
    assert fits(browser)
    assert [each for each in requested(browser) if not each.startswith(("data:", "blob:"))] == [address]
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
