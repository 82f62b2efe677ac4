"""The page of a study while it is trained."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import Screen, emulate, save, visit, wait
from selenium.webdriver import Chrome

SCREENS = (Screen("live", height=900), Screen("live-dark", height=900, scheme="dark"), Screen("live-phone", 390, 844))
STUDY = "--norms bn,gn:4,ln --lambda 0,1e-4 --seeds 2 --epochs 6 --serve"
UNDER_WAY = (
    "return document.querySelectorAll('#finished li').length > 2"
    " && document.querySelectorAll('#curves circle').length > 1"
)


def shoot(browser: Chrome, folder: Path) -> None:
    """Once three runs are finished and two have curves."""
    with TemporaryDirectory() as out:
        words = [sys.executable, "-m", "normlab", "compare", *STUDY.split(), "--out", out]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as command:
            assert command.stderr is not None
            address = next(found[1] for line in command.stderr if (found := re.search(r"live: (\S+)", line)))
            visit(browser, address, SCREENS[0])
            wait(browser, UNDER_WAY, 300)
            for screen in SCREENS:
                emulate(browser, screen)
                save(browser, folder, screen)
            command.kill()
