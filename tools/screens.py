"""The pictures of a report in the docs: `python tools/screens.py normlab-out/compare/report.html docs/images`.

Its first screen at 1280×720 in light and dark, and on a phone of 390×844. Needs Chromium and its driver.
"""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

SCREENS = (("report", 1280, 720, "light"), ("report-dark", 1280, 720, "dark"), ("report-phone", 390, 844, "light"))
DRAWN = "return [...document.querySelectorAll('.lead .chart')].every(c => c.querySelector('svg.marks'))"
SHARP = 2
"""Pixels of the picture for each of the page."""


def shoot(browser: Chrome, page: Path, width: int, height: int, scheme: str) -> bytes:
    """The first screen of a page as a PNG, once its charts are drawn."""
    size = {"width": width, "height": height, "deviceScaleFactor": SHARP, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.resolve().as_uri())
    WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(DRAWN))
    found: dict[str, Any] = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    return base64.b64decode(found["data"])


def main() -> None:
    """Write all of them."""
    page, folder = map(Path, sys.argv[1:])
    options = ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    driver = shutil.which("chromedriver")  # else Selenium asks the net for one
    browser = Chrome(options=options, service=Service(driver))
    for name, width, height, scheme in SCREENS:
        (folder / f"{name}.png").write_bytes(shoot(browser, page, width, height, scheme))
    browser.quit()


if __name__ == "__main__":
    main()
