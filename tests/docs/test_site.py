from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
import typer
from browsers import visit
from filelock import FileLock

import normlab
from normlab.cli import app
from normlab.spec import known

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ROOT = Path(__file__).parents[2]
FETCHED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\s(?:src|href)=\"?((?:https?:)?//[^\s\">]+)")
LINK = re.compile(r"<(?:a|img|link|script)\b[^>]*?\s(?:src|href)=\"([^\"#]+)")

pytestmark = pytest.mark.long  # mkdocs builds the whole site, which is what is looked at


@pytest.fixture(scope="module")
def built(shared: Path) -> tuple[Path, str]:
    """The site, as `make docs` builds it, and what the build said; one for all processes of this run."""
    folder, said = shared / "site", shared / "site.txt"
    with FileLock(shared / "site.lock"):
        if not said.exists():
            said.write_text(build(folder), encoding="utf-8")
    return folder, said.read_text(encoding="utf-8")


def build(folder: Path) -> str:
    """Build the site into a folder; gives what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def site(built: tuple[Path, str]) -> Path:
    """The folder of the site."""
    return built[0]


def pages(site: Path) -> Iterator[tuple[Path, str]]:
    """The site's own pages; a study's report is another page, with tests of its own."""
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if "__config" in text:  # what the theme puts into its pages
            yield path, text


def test_the_build_warns_of_nothing(built: tuple[Path, str]) -> None:
    """Neither mkdocs nor those that read the docstrings have anything to say."""
    assert "WARNING" not in built[1]


@pytest.mark.parametrize("name", normlab.__all__)
def test_every_public_name_is_in_the_reference(site: Path, name: str) -> None:
    """What `import normlab` gives has its place in docs/reference, with its docstring."""
    reference = "".join(path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html"))
    home = f"{getattr(normlab, name).__module__}.{name}"
    assert f'id="normlab.{name}"' in reference or f'id="{home}"' in reference


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    """Help and reference name the same."""
    page = unescape((site / "reference" / "commands.html").read_text(encoding="utf-8"))
    left = [("normlab", typer.main.get_command(app))]
    while left:
        path, command = left.pop()
        below = getattr(command, "commands", {})
        left += [(f"{path} {name}", each) for name, each in below.items()]
        if not below:
            section = re.search(rf'<h2 id="{path.replace(" ", "-")}">.*?(?=<h2|</article>)', page, re.DOTALL)
            assert section, path
            assert not [option for each in command.params for option in each.opts if option not in section[0]], path


def test_every_field_of_a_recipe_is_in_the_reference(site: Path) -> None:
    """With what help says of it."""
    page = unescape((site / "reference" / "fields.html").read_text(encoding="utf-8"))
    assert not [path for path, field in known().items() if path not in page or field.setting.help not in page]


def test_the_site_fetches_nothing(site: Path) -> None:
    """No font, script, style or picture comes from the net."""
    assert not [(path.name, link) for path, text in pages(site) for link in FETCHED.findall(text)]
    assert not [path for path in site.rglob("*.css") if re.search(r"url\(\"?(https?:)?//", path.read_text())]


def test_links_of_the_site_lead_to_files(site: Path) -> None:
    """Whatever a page links to in the site is there, reports and scripts of studies too."""
    dead = [
        (path.name, link)
        for path, text in pages(site)
        if path.name != "404.html"  # it stands wherever a server found nothing
        for link in LINK.findall(text)
        if not urlsplit(link).scheme and not (path.parent / unquote(link)).exists()
    ]
    assert not dead


def test_published_studies_are_pages_with_their_reports(site: Path) -> None:
    """Each study's README is a page, and leads to its reports."""
    for readme in ROOT.glob("studies/*/README.md"):
        text = (site / "studies" / f"{readme.parent.name}.html").read_text(encoding="utf-8")
        for report in readme.parent.glob("*.html"):
            assert f"{readme.parent.name}/{report.name}" in text
            assert (site / "studies" / readme.parent.name / report.name).read_bytes() == report.read_bytes()


@pytest.mark.browser
def test_the_search_works_from_the_disk(site: Path, browser: Chrome) -> None:
    """Opened as a file, the site finds a page by a word in it."""
    from selenium.webdriver.support.ui import WebDriverWait

    visit(browser, (site / "index.html").as_uri() + "?q=lasso")
    found = "return [...document.querySelectorAll('a.md-search-result__link')].map(a => a.href)"
    links = WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(found))
    assert any("penalties.html" in link for link in links)
