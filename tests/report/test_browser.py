from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from normlab.records import Comparison
from normlab.report import html

if TYPE_CHECKING:
    from comparisons import Make
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Debian's chromium and chromium-driver"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless Chromium with a profile of its own."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(six: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the main job as a file."""
    path: Path = html.write(six, tmp_path_factory.mktemp("page") / "report.html")
    return path.as_uri()


def opened(browser: Chrome, address: str, width: int, scheme: str = "light") -> None:
    """Open the page in a window of this width and wait until every chart is drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    theme = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", theme)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)
    drawn = """return [...document.querySelectorAll('.chart')].every(
        c => c.matches('.vega-embed') && c.querySelector('svg.marks'))"""
    WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(drawn))


def requested(browser: Chrome) -> list[str]:
    """The addresses that the page asked for."""
    messages: list[dict[str, Any]] = [
        json.loads(entry["message"])["message"] for entry in browser.get_log("performance")
    ]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_offline_at_every_width(browser: Chrome, address: str, width: int) -> None:
    """Every chart has marks, nothing is fetched, nothing is complained of, and the page does not scroll sideways."""
    opened(browser, address, width)
    marks = "return [...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('svg .role-mark path').length)"
    assert min(browser.execute_script(marks)) > 0
    assert browser.execute_script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.get_log("browser") == []
    assert {url.partition(":")[0] for url in requested(browser)} <= {"file", "data"}


def test_charts_fit_their_place_after_the_window_changed(browser: Chrome, address: str) -> None:
    """A chart is drawn anew for a narrower window, with fewer panels beside each other."""
    from selenium.webdriver.support.ui import WebDriverWait

    opened(browser, address, 1280)
    size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    fits = """return [...document.querySelectorAll('.chart')].every(
        c => +c.querySelector('svg').getAttribute('width') <= c.clientWidth)"""
    assert WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(fits))


def test_charts_can_be_read_in_the_dark(browser: Chrome, address: str) -> None:
    """The words of a chart take the page's own colours, light on dark."""
    opened(browser, address, 1280, "dark")
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
        opened(browser, address, width, scheme)
        fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert browser.execute_script(fits)
        assert browser.get_log("browser") == []
