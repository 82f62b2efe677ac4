"""A headless Chromium, and the page opened in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from normlab.explaining.page import write

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def page_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless Chromium with a profile of its own."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs Debian's chromium and chromium-driver")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(page_browser: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Chrome]:
    """Opens the page of a tensor and a norm, at a width, in a colour scheme, with an address after the #."""

    def open_page(
        x: NDArray[float64], norm: str, width: int = 1280, scheme: str = "light", address: str = ""
    ) -> Chrome:
        path = write(x, norm, tmp_path_factory.mktemp("page") / "explain.html")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        page_browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wishes = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}  # colours at rest
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        page_browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for log in ("browser", "performance"):
            page_browser.get_log(log)
        page_browser.get(f"{path.as_uri()}#{address}")
        return page_browser

    return open_page
