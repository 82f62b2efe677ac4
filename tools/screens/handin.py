"""The course's hand-in as one page."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import Screen, save, visit
from selenium.webdriver import Chrome

import normlab

SCREENS = (
    Screen("handin", height=900),
    Screen("handin-dark", height=900, scheme="dark"),
    Screen("handin-print", 1000, 1400, "print"),
)


def shoot(browser: Chrome, folder: Path) -> None:
    """Its beginning, of three epochs."""
    with TemporaryDirectory() as out, chdir(out):
        made = normlab.assignment(epochs=3)
        for screen in SCREENS:
            visit(browser, made.page.resolve().as_uri(), screen)
            save(browser, folder, screen)
