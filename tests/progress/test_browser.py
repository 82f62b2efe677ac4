"""The page of a study under way in a real browser, while a real study is trained."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from browsers import fits, requested, visit

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.training, pytest.mark.usefixtures("mnist")]

STUDY = "--norms bn,ln --seeds 2 --epochs 6 --set train_images=1024 --holdout 200 --engine eager --workers 1 --serve"


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A study of four runs, one after the other."""
    words = [sys.executable, "-m", "normlab", "compare", *STUDY.split(), "--out", str(tmp_path / "out")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def line(stream: IO[str] | None, pattern: str) -> re.Match[str]:
    """The first line that has it."""
    assert stream is not None
    return next(found for each in stream if (found := re.search(pattern, each)))


def wait(browser: Chrome, until: Callable[[Chrome], object]) -> None:
    """For at most two minutes."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 120, poll_frequency=0.05).until(until)


@pytest.mark.long
def test_a_study_is_watched_stopped_continued_and_read(browser: Chrome, command: subprocess.Popen[str]) -> None:
    """Its curves grow, nothing is asked of anybody else, and the page ends with the report of all runs."""
    from selenium.webdriver.common.by import By

    address = line(command.stderr, r"live: (\S+)")[1]
    visit(browser, address)
    wait(browser, lambda page: page.find_elements(By.CSS_SELECTOR, "#curves path"))
    assert fits(browser)
    browser.find_element(By.ID, "turn").click()
    wait(browser, lambda page: page.title.startswith("Stopped: "))
    assert command.poll() is None
    (done,) = re.findall(r"Stopped: (\d) of 4 runs done", browser.title)
    assert 0 < int(done) < 4
    browser.find_element(By.ID, "turn").click()
    wait(browser, lambda page: page.title.startswith("Done"))
    with_report = "return document.querySelector('iframe').contentDocument?.querySelector('.cards') !== null"
    wait(browser, lambda page: page.execute_script(with_report))
    assert all(each.startswith((address, "data:", "about:blank")) for each in requested(browser))
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert command.wait(60) == 0
