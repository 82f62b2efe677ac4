"""`--open` shows a report in a browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from normlab.cli.opened import Opener
from normlab.errors import SpecError
from normlab.events import Event, ReportWritten


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser is asked for."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "get", lambda: None)
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


def test_the_first_page_is_opened_once(opened: list[str], tmp_path: Path) -> None:
    """However often it is written, and every event is passed on."""
    told: list[Event] = []
    opener, page = Opener(wanted=True), tmp_path / "report.html"
    for _ in range(3):
        opener.watching(told.append)(ReportWritten(page))
    opener.open(page.as_uri())
    assert opened == [page.as_uri()]
    assert len(told) == 3


def test_nothing_is_opened_where_nobody_asks(opened: list[str], tmp_path: Path) -> None:
    """Nor is a browser looked for."""
    Opener(wanted=False).open((tmp_path / "report.html").as_uri())
    assert opened == []


def test_without_a_browser_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, before anything is trained."""

    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    with pytest.raises(SpecError, match="--open: there is no browser here"):
        Opener(wanted=True)
