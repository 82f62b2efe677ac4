"""The pictures of a report in the docs: `python tools/screens.py normlab-out/compare/report.html docs/images`.

Its first screen at 1280×720 in light and dark, and on a phone of 390×844; and, of a report that has one
(`normlab report --playground`), the playground with a digit that was drawn on it. Needs Chromium and its driver.
"""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

READY = "return 'ready' in document.getElementById('playground').dataset"
SCREENS = (("report", 1280, 720, "light"), ("report-dark", 1280, 720, "dark"), ("report-phone", 390, 844, "light"))
DRAWN = "return [...document.querySelectorAll('.lead .chart')].every(c => c.querySelector('svg.marks'))"
PLAYED = ("playground", 1280, 720, "light")
THREE = (
    (0.3, 0.2),
    (0.45, 0.12),
    (0.62, 0.2),
    (0.6, 0.36),
    (0.45, 0.46),
    (0.65, 0.56),
    (0.66, 0.72),
    (0.5, 0.85),
    (0.28, 0.76),
)
"""A digit, from place to place of the sheet, 0 to 1."""
SHARP = 2
"""Pixels of the picture for each of the page."""


def shoot(browser: Chrome, page: Path, width: int, height: int, scheme: str) -> bytes:
    """The first screen of a page as a PNG, once its charts are drawn."""
    _open(browser, page, width, height, scheme)
    return _picture(browser)


def play(browser: Chrome, page: Path, width: int, height: int, scheme: str) -> bytes:
    """The playground of a page as a PNG, with a digit drawn by a pointer."""
    _open(browser, page, width, height, scheme)
    WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(READY))
    browser.execute_script("document.getElementById('playground').scrollIntoView()")
    sheet = browser.find_element("id", "playground-sheet")
    places = [(round((x - 0.5) * sheet.size["width"]), round((y - 0.5) * sheet.size["height"])) for x, y in THREE]
    hand = ActionChains(browser, duration=20).move_to_element_with_offset(sheet, *places[0]).click_and_hold()
    for place in places[1:]:
        hand = hand.move_to_element_with_offset(sheet, *place)
    hand.release().perform()
    return _picture(browser)


def _open(browser: Chrome, page: Path, width: int, height: int, scheme: str) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": SHARP, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.resolve().as_uri())
    WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(DRAWN))


def _picture(browser: Chrome) -> bytes:
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
    if 'id="playground"' in page.read_text(encoding="utf-8"):
        name, width, height, scheme = PLAYED
        (folder / f"{name}.png").write_bytes(play(browser, page, width, height, scheme))
    browser.quit()


if __name__ == "__main__":
    main()
