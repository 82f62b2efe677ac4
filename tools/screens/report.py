"""The first screen of a report, and its playground with a digit that a pointer drew."""

from __future__ import annotations

from pathlib import Path

from chromium import Screen, emulate, save, visit, wait
from selenium.webdriver import ActionChains, Chrome

SCREENS = (Screen("report"), Screen("report-dark", scheme="dark"), Screen("report-phone", 390, 844))
DRAWN = "return [...document.querySelectorAll('.lead .chart')].every(c => c.querySelector('svg.marks'))"
PLAYGROUNDS = (Screen("playground"), Screen("playground-dark", scheme="dark"))
READY = "return 'ready' in document.getElementById('playground').dataset"
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


def shoot(browser: Chrome, folder: Path, page: Path) -> None:
    """Each screen, once its charts are drawn."""
    for screen in SCREENS:
        visit(browser, page.resolve().as_uri(), screen)
        wait(browser, DRAWN)
        save(browser, folder, screen)
    if 'id="playground"' in page.read_text(encoding="utf-8"):
        visit(browser, page.resolve().as_uri(), PLAYGROUNDS[0])
        wait(browser, READY)
        _draw(browser)
        for screen in PLAYGROUNDS:
            emulate(browser, screen)
            save(browser, folder, screen)


def _draw(browser: Chrome) -> None:
    browser.execute_script("document.getElementById('playground').scrollIntoView()")
    sheet = browser.find_element("id", "playground-sheet")
    places = [(round((x - 0.5) * sheet.size["width"]), round((y - 0.5) * sheet.size["height"])) for x, y in THREE]
    hand = ActionChains(browser, duration=20).move_to_element_with_offset(sheet, *places[0]).click_and_hold()
    for place in places[1:]:
        hand = hand.move_to_element_with_offset(sheet, *place)
    hand.release().perform()
