from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from browsers import fits, requested, visit
from torch import nn

from normlab.errors import StoreError
from normlab.explanation.images import explain_image
from normlab.explanation.layers import explain_network
from normlab.explanation.sheet import Notes, Section, Sheet, Table, render, write

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WORDS = Sheet("A <title>", "and & below", (Section("One", ("a < b", Notes("c", (("d", "e > f"),)))),))


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The page of an image and that of two networks' layers."""
    folder = tmp_path_factory.mktemp("sheets")
    models = {
        name: nn.Sequential(nn.Conv2d(1, 24, 3), norm, nn.Flatten())
        for name, norm in {"bn": nn.BatchNorm2d(24), "ln-chw": nn.LayerNorm([24, 6, 6])}.items()
    }
    layers = explain_network(models, "1", torch.rand(1, 8, 8))
    return [explained.save(folder / f"{i}.html").as_uri() for i, explained in enumerate((explain_image(), layers))]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_of_images_and_layers_work_offline(
    browser: Chrome, addresses: list[str], width: int, scheme: str
) -> None:
    """Charts are drawn, nothing is fetched or complained of, and no sideways scroll is needed."""
    for address in addresses:
        visit(browser, address, width, scheme)
        assert fits(browser)
        assert browser.get_log("browser") == []
        assert {url.partition(":")[0] for url in requested(browser)} <= {"file", "data"}


def test_words_are_shown_as_they_are() -> None:
    """What looks like markup is none."""
    text = render(WORDS)
    assert "A &lt;title&gt;" in text
    assert "and &amp; below" in text
    assert "a &lt; b" in text
    assert "<dt>d</dt><dd>e &gt; f</dd>" in text


def test_a_table_names_its_rows_and_columns() -> None:
    """For those who hear it."""
    table = Table("What it shows.", ("", "one"), (("row", "1"),))
    text = render(Sheet("t", "l", (Section("s", (table,)),)))
    assert '<th scope="row">row</th><td>1</td>' in text
    assert '<th scope="col">one</th>' in text
    assert "<caption>What it shows.</caption>" in text


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """In one line, as every file of normlab."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        write(WORDS, tmp_path / "file" / "page.html")
