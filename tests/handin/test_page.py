from __future__ import annotations

import json

import pytest

from normlab.handin import Handin, Model, Picture, Table, page
from normlab.handin.notebook import notebook
from normlab.spec import design

NASTY = "<script>alert(1)</script> | `x` [a](b) *c*"


@pytest.fixture
def nasty() -> Handin:
    """A hand-in in which every text tries to be markup."""
    table, picture = Table((NASTY, "b"), ((NASTY, "1"),), (NASTY,)), Picture("a.png", NASTY, b"png")
    model = Model(NASTY, 1, f"{NASTY}\n```\n", 0, (NASTY,), picture, "bn", f"{NASTY}\n````\n")
    study = design(recipe="course", norms=["bn"])
    return Handin(study, NASTY, NASTY, "true", table, (model,), table, table, table, 4 * (picture,), picture)


def test_text_is_no_markup_on_the_page(nasty: Handin) -> None:
    """HTML shows it to the letter, and asks for nothing from elsewhere."""
    text = page.html(nasty)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert text.count('src="data:image/png;base64,') == text.count("<img ") == 6


def test_text_is_no_markup_in_the_readme(nasty: Handin) -> None:
    """Outside of code every sign is escaped, and code ends where its own fence ends."""
    text = page.markdown(nasty)
    outside = text.replace("`````text", "").replace("````text", "")
    assert "\\<script\\>" in text
    assert "<summary>&lt;script&gt;" in text
    assert "`````text" in text, "a fence is longer than those in its text"
    assert "| \\<script" in outside


def test_a_line_of_a_table_stays_one_line() -> None:
    """A line break would end it."""
    assert page.plain("a\nb | c") == "a b \\| c"


def test_the_notebook_is_json_with_an_id_for_each_cell(nasty: Handin) -> None:
    """As nbformat 4.5 asks, without outputs."""
    read = json.loads(notebook(nasty, "normlab-out"))
    assert (read["nbformat"], read["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in read["cells"]}) == len(read["cells"])
    assert all(cell["outputs"] == [] for cell in read["cells"] if cell["cell_type"] == "code")
