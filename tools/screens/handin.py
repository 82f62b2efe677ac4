"""The course's hand-in as one page."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import Screen, save, visit
from selenium.webdriver import Chrome

import normlab

SCREEN = Screen("handin", height=900)


def shoot(browser: Chrome, folder: Path) -> None:
    """Its beginning, of three epochs."""
    with TemporaryDirectory() as out, chdir(out):
        made = normlab.assignment(epochs=3)
        visit(browser, made.page.resolve().as_uri(), SCREEN)
        save(browser, folder, SCREEN)
