"""Every section of a report unfolded, on a sheet each: wide and on a phone, light and dark, and as it is printed."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

from chromium import Screen, emulate, visit, wait
from PIL import Image
from selenium.webdriver import Chrome

DRAWN = "return [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg.marks, img'))"
UNFOLD = """
document.querySelectorAll('details').forEach(each => { each.open = !each.closest('.vega-embed'); });
window.scrollTo(0, 9e9);
"""
SECTIONS = """
return [...document.querySelectorAll('main > section, main > details')].map(each => {
    const place = each.getBoundingClientRect(), head = each.querySelector('h2, summary');
    const name = each.getAttribute('aria-labelledby') || each.id || (head ? head.textContent : 'lead');
    return {name, x: 0, y: place.top + window.scrollY, height: place.height};
}).filter(each => each.height > 20);
"""
MODES = (
    Screen("wide", 1280, 720),
    Screen("wide dark", 1280, 720, "dark"),
    Screen("print", 1000, 720, "print"),
    Screen("phone", 390, 844),
    Screen("phone dark", 390, 844, "dark"),
)
SCALE, GAP, TALLEST, COLOURS = 0.6, 12, 1_800, 96
"""Pixels of the sheet for one of the page, between two pictures, at most from top to bottom; and how many colours."""


class Place(NamedTuple):
    """A section and where it is on the page."""

    name: str
    y: float
    height: float


def shoot(browser: Chrome, folder: Path, page: Path) -> None:
    """A sheet for each section, with a picture for each of the modes."""
    found: dict[str, list[Image.Image]] = {}
    for mode in MODES:
        visit(browser, page.resolve().as_uri(), mode)
        browser.execute_script(UNFOLD)
        wait(browser, DRAWN, 120)
        for place in _places(browser):
            found.setdefault(place.name, []).append(_picture(browser, mode, place))
    (folder / "sections").mkdir(exist_ok=True)
    for name, pictures in found.items():
        path = folder / "sections" / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png"
        _sheet(pictures).quantize(COLOURS).save(path, optimize=True)
    emulate(browser, MODES[0])


def _places(browser: Chrome) -> list[Place]:
    found: list[dict[str, Any]] = browser.execute_script(SECTIONS)
    return [Place(str(each["name"])[:40], each["y"], each["height"]) for each in found]


def _picture(browser: Chrome, mode: Screen, place: Place) -> Image.Image:
    clip = {"x": 0, "y": place.y, "width": mode.width, "height": min(place.height, TALLEST / SCALE), "scale": SCALE / 2}
    asked = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", asked)
    return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


def _sheet(pictures: list[Image.Image]) -> Image.Image:
    """Side by side."""
    width = sum(each.width for each in pictures) + GAP * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, max(each.height for each in pictures) + 2 * GAP), "#808080")
    left = GAP
    for each in pictures:
        sheet.paste(each, (left, GAP))
        left += each.width + GAP
    return sheet
