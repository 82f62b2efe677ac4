"""The report of a study while it trains."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.errors import Stopped
from normlab.events import Event, ReportWritten, RunKept, silent
from normlab.verbs import live
from normlab.verbs.live import Live

pytestmark = [pytest.mark.long, pytest.mark.training, pytest.mark.usefixtures("mnist")]

TINY = {"norms": ["bn", "ln"], "seeds": 2, "epochs": 1, "train_images": 128, "holdout": 128, "engine": "eager"}


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages cost nothing, so that there is one after each run."""
    monkeypatch.setattr(live, "SHARE", 1)
    monkeypatch.setattr(live, "USUAL", 0)


@pytest.mark.usefixtures("_at_once")
def test_it_is_there_after_the_first_run_and_shows_no_verdict(tmp_path: Path) -> None:
    """Of a fixed number of seeds; the last page has the verdict and is loaded no more."""
    pages: list[tuple[int, str]] = []
    kept = 0

    def tell(event: Event) -> None:
        nonlocal kept
        kept += isinstance(event, RunKept)
        if isinstance(event, ReportWritten):
            pages.append((kept, event.page.read_text()))

    result = normlab.compare(out=tmp_path, tell=tell, **TINY)  # type: ignore[arg-type]
    assert [count for count, _ in pages] == [1, 2, 3, 4]
    assert all(f"{count} of 4 runs finished." in page for count, page in pages)
    assert all("data-live" in page and 'class="cards"' not in page for _, page in pages)
    last = result.report.read_text()
    assert '<html lang="en">' in last
    assert 'class="cards"' in last


def test_a_study_of_a_few_seconds_waits_for_no_page_but_its_last() -> None:
    """Another would take as long as its training."""
    begun = time.monotonic()
    place: Any = None
    assert Live(place, place, place, place, silent).due >= begun + 10


@pytest.mark.usefixtures("_at_once")
def test_nothing_that_goes_wrong_with_it_ends_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs are worth more than a look at them."""
    monkeypatch.setattr("normlab.report.html.write_live", lambda *_: 1 // 0)
    assert normlab.compare(out=tmp_path, **TINY).trained == 4  # type: ignore[arg-type]


@pytest.mark.usefixtures("_at_once")
def test_until_settled_it_may_show_verdicts(tmp_path: Path) -> None:
    """They hold at every look."""
    pages: list[str] = []

    def tell(event: Event) -> None:
        if isinstance(event, ReportWritten):
            pages.append(event.page.read_text())

    normlab.compare(out=tmp_path, tell=tell, until_settled=True, **{**TINY, "margin": 50.0})  # type: ignore[arg-type]
    assert "data-live" in pages[0]
    assert "which-norm" in pages[0]


def test_a_study_that_is_told_to_stop_finishes_what_is_under_way(tmp_path: Path) -> None:
    """It shows no verdict, its page has all that is kept, and the same call trains the rest."""
    kept = 0

    def tell(event: Event) -> None:
        nonlocal kept
        kept += isinstance(event, RunKept)

    with pytest.raises(Stopped, match="the same call continues"):
        normlab.compare(out=tmp_path, tell=tell, workers=1, stop=lambda: kept > 0, **TINY)  # type: ignore[arg-type]
    page = (tmp_path / "compare" / "report.html").read_text()
    assert f"{kept} of 4 runs finished." in page
    result = normlab.compare(out=tmp_path, **TINY)  # type: ignore[arg-type]
    assert (result.kept, result.trained) == (kept, 4 - kept) == (1, 3)
    assert not result.comparison.looks
