"""A Chromium that takes pictures."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SHARP = 2
"""Pixels of the picture for each of the page."""


class Screen(NamedTuple):
    """What a picture is called, and of how many pixels of a page it is, in which colours."""

    name: str
    width: int = 1280
    height: int = 720
    scheme: str = "light"


@contextmanager
def chromium() -> Iterator[Chrome]:
    """Started, and ended."""
    options = ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    browser = Chrome(options=options, service=Service(shutil.which("chromedriver")))  # else Selenium asks the net
    yield browser
    browser.quit()


def visit(browser: Chrome, address: str, screen: Screen) -> None:
    """Open a page as on a screen of that size."""
    emulate(browser, screen)
    browser.get(address)


def emulate(browser: Chrome, screen: Screen) -> None:
    """Show whatever is open as on that screen; the scheme `print` is paper."""
    size = {"width": screen.width, "height": screen.height, "deviceScaleFactor": SHARP, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    paper = screen.scheme == "print"
    features = [{"name": "prefers-color-scheme", "value": "light" if paper else screen.scheme}]
    media = "print" if paper else "screen"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def wait(browser: Chrome, until: str | Callable[[Chrome], object], seconds: float = 30) -> None:
    """Until a function, or a script that returns it, gives something true."""
    WebDriverWait(browser, seconds).until(until if callable(until) else lambda page: page.execute_script(until))


def save(browser: Chrome, folder: Path, screen: Screen) -> None:
    """What is on the screen now, as a PNG of its name."""
    found: dict[str, Any] = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    (folder / f"{screen.name}.png").write_bytes(base64.b64decode(found["data"]))
