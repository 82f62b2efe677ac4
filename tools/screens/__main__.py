"""The docs' pictures of pages: `python tools/screens normlab-out/compare/report.html docs/images`.

The first screen of that report at 1280×720 in light and dark and on a phone, each of its sections on a sheet of its
own, its playground if it has one (`normlab report --playground`), and of small studies that are trained for it the live
page, a notebook and the course's hand-in, in light and dark. Needs Chromium and its driver, and a few minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import handin
import live
import notebook
import report
import sections
from chromium import chromium

if __name__ == "__main__":
    page, folder = (Path(each).resolve() for each in sys.argv[1:])  # the hand-in is made in a folder of its own
    with chromium() as browser:
        report.shoot(browser, folder, page)
        sections.shoot(browser, folder, page)
        live.shoot(browser, folder)
        notebook.shoot(browser, folder)
        handin.shoot(browser, folder)
