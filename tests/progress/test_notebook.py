"""A study in a notebook: how far it is while it trains, and its answer with charts."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsers import fits, visit

from normlab.events import BatchDone, Event, silent
from normlab.progress import Progress, told
from normlab.progress.notebook import Cell
from normlab.spec import design

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CELLS = """
import normlab
small = {"epochs": 1, "train_images": 512, "holdout": 250, "engine": "eager", "out": FOLDER}
result = normlab.compare(norms=["bn", "gn:4"], seeds=2, **small)
---
result
---
normlab.train("ln", **small)
---
normlab.judge([{"arm": arm, "seed": seed, "accuracy": 99 + seed / 10} for arm in "ab" for seed in range(3)])
"""


@pytest.fixture(scope="module")
def outputs(mnist: object, tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, Any]]]:  # noqa: ARG001
    """What each cell of a real notebook shows once it was executed in a process of its own."""
    import nbformat
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("notebook")
    cells = [
        nbformat.v4.new_code_cell(text.strip()) for text in CELLS.replace("FOLDER", repr(str(folder))).split("---")
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [[output.get("data", {}) for output in cell.outputs] for cell in notebook.cells]


@pytest.mark.long
@pytest.mark.training
def test_a_cell_that_trains_shows_how_far_it_is_and_nothing_else(outputs: list[list[dict[str, Any]]]) -> None:
    """In one place, which ends with all runs done; so does a single run's, above its own answer."""
    assert [each["text/plain"] for each in outputs[0]] == ["4 of 4 runs done"]
    assert "<progress" not in outputs[0][0]["text/html"]
    assert [each["text/plain"].split("(")[0] for each in outputs[2]] == ["1 of 1 run done", "TrainResult"]


@pytest.mark.browser
@pytest.mark.training
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.long
def test_what_cells_show_is_seen_where_scripts_are_blocked(
    browser: Chrome, outputs: list[list[dict[str, Any]]], tmp_path: Path, scheme: str
) -> None:
    """Charts are pictures that stand still, and everything fits a notebook's width."""
    shown = [each["text/html"] for cell in outputs for each in cell if "text/html" in each]
    policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">"
    page = tmp_path / "shown.html"
    page.write_text(f"<!doctype html><html><meta charset=utf-8>{policy}<body>{'<hr>'.join(shown)}", encoding="utf-8")
    visit(browser, page.as_uri(), 900, scheme)
    sizes = (
        "return [...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect()).map(r => r.width * r.height)"
    )
    charts = browser.execute_script(sizes)
    assert len(charts) >= 2
    assert min(charts) > 10_000
    assert fits(browser)


@pytest.mark.training
@pytest.mark.long
def test_the_command_that_lets_a_study_grow_finds_its_folder(outputs: list[list[dict[str, Any]]]) -> None:
    """A notebook's project may lie anywhere."""
    assert " --out /" in outputs[1][0]["text/html"]


def test_a_cell_has_a_bar_for_each_run_under_way(progress: Progress, events: list[Event]) -> None:
    """With its last epoch, and the study's own bar above."""
    cell = Cell(progress)
    for event in events:
        progress.tell(event)
    assert cell.text().startswith("2 of 4 runs done, about ")
    shown = html.unescape(cell.html())
    assert shown.count("<progress") == 2
    assert "gn:4 · seed 0" in shown
    assert "epoch 1 of 3: " in shown


def test_names_are_text(events: list[Event]) -> None:
    """An arm may be called whatever one likes."""
    progress = Progress("<b>", {})
    for event in events[:2]:
        progress.tell(event)
    progress.tell(BatchDone("<script>alert(1)</script>", 3, 1, 5, 10, 0.5, 9, 10))
    assert "&lt;script&gt;" in Cell(progress).html()
    assert "<script>" not in Cell(progress).html()


def test_elsewhere_nobody_is_told() -> None:
    """A script's output stays its own."""
    assert told(design(norms=["bn", "ln"])) is silent
