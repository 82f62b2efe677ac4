from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import fits, requested, resize, visit

from normlab.records import Comparison
from normlab.report import html

if TYPE_CHECKING:
    from comparisons import Make
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(six: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the main job as a file."""
    path: Path = html.write(six, tmp_path_factory.mktemp("page") / "report.html")
    return path.as_uri()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_offline_at_every_width(browser: Chrome, address: str, width: int) -> None:
    """Every chart has marks, nothing is fetched, nothing is complained of, and the page does not scroll sideways."""
    visit(browser, address, width)
    marks = "return [...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('svg .role-mark path').length)"
    assert min(browser.execute_script(marks)) > 0
    assert fits(browser)
    assert browser.get_log("browser") == []
    assert {url.partition(":")[0] for url in requested(browser)} <= {"file", "data"}


def test_charts_fit_their_place_after_the_window_changed(browser: Chrome, address: str) -> None:
    """A chart is drawn anew for a narrower window, with fewer panels beside each other."""
    from selenium.webdriver.support.ui import WebDriverWait

    visit(browser, address)
    resize(browser, 390)
    drawn = """return [...document.querySelectorAll('.chart')].every(
        c => +c.querySelector('svg').getAttribute('width') <= c.clientWidth)"""
    assert WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(drawn))


def test_charts_can_be_read_in_the_dark(browser: Chrome, address: str) -> None:
    """The words of a chart take the page's own colours, light on dark."""
    visit(browser, address, scheme="dark")
    colours = browser.execute_script(
        """const text = document.querySelector('.chart svg .role-axis-label text');
        return [getComputedStyle(text).fill, getComputedStyle(document.body).backgroundColor]"""
    )
    label, ground = (sum(map(int, colour[4:-1].split(", "))) / 3 for colour in colours)
    assert label - ground > 100


def test_the_page_of_a_path_works_too(browser: Chrome, make: Make, tmp_path: Path) -> None:
    """Its charts are drawn at desktop and phone width, in the dark as well, without a word of complaint."""
    lambdas = (1e-4, 1e-3, 1e-2)
    arms = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in lambdas)]
    made = make(arms=arms, holdout=1_000, warm_start=True)
    address = html.write(made, tmp_path / "report.html").as_uri()
    for width, scheme in ((1280, "light"), (390, "dark")):
        visit(browser, address, width, scheme)
        assert fits(browser)
        assert browser.get_log("browser") == []


def test_the_page_of_crossed_factors_works_too(browser: Chrome, make: Make, tmp_path: Path) -> None:
    """Dose charts, one for each form, and heat maps are drawn without a word of complaint, and numbers can be read."""
    vary = {"norm": ["bn", "ln", "in", "none", "gn:2"], "batch_size": [16, 64, 256], "penalty.lambda": [0.0, 1e-4]}
    address = html.write(make(vary=vary, seeds=2, images=100), tmp_path / "report.html").as_uri()
    for width, scheme in ((1280, "light"), (390, "dark")):
        visit(browser, address, width, scheme)
        assert fits(browser)
        assert browser.get_log("browser") == []
    few = make(vary={"penalty.lambda": [0.0, 1e-5, 1e-4, 1e-3], "norm": ["bn", "ln"]}, seeds=2, images=100)
    visit(browser, html.write(few, tmp_path / "few.html").as_uri(), 390)
    assert fits(browser)
    assert browser.get_log("browser") == []
    ticks = (
        "return [...document.querySelectorAll('#dose-penalty-lambda .role-axis-label text')].map(t => t.textContent)"
    )
    assert {"0", "1e-05", "0.0001", "0.001"} <= set(browser.execute_script(ticks))
