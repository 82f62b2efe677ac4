from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import fits, requested, resize, visit

from normlab.records import Comparison
from normlab.report import html

if TYPE_CHECKING:
    from comparisons import Make
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(six: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the main job as a file."""
    path: Path = html.write(six, tmp_path_factory.mktemp("page") / "report.html")
    return path.as_uri()


def unfolded(browser: Chrome) -> None:
    """Open all that is folded, and wait until the charts in it are drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    drawn = "return [...document.querySelectorAll('.chart')].every(c => c.classList.contains('vega-embed'))"
    assert WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(drawn))


@pytest.mark.long
def test_the_first_screen_has_the_answer(browser: Chrome, address: str) -> None:
    """Headline, what to take, cards and both charts begin on it, and all that is not folded is short."""
    visit(browser, address, 1280)
    tops = "return ['h1', '.next', '.cards', '#finals svg', '#differences svg'].map(name =>"
    tops += " document.querySelector(name).getBoundingClientRect().top)"
    assert all(0 <= top < 500 for top in browser.execute_script(tops))
    assert browser.execute_script("return document.querySelector('#finals').getBoundingClientRect().bottom") < 720
    assert browser.execute_script("return document.body.innerText.split(/\\s+/).length") < 1_200
    assert browser.execute_script("return document.documentElement.scrollHeight") < 5 * 720


@pytest.mark.long
def test_a_card_leads_to_its_question(browser: Chrome, address: str) -> None:
    """By a click, and what an address leads to is unfolded."""
    visit(browser, address, 1280)
    browser.execute_script("document.querySelector('.cards a[href=\"#which-penalty-lambda\"]').click()")
    top = "return document.getElementById('which-penalty-lambda').getBoundingClientRect().top"
    assert abs(browser.execute_script(top)) < 400
    assert not browser.execute_script("return document.getElementById('atlas').open")
    browser.execute_script("location.hash = '#atlas'")
    assert browser.execute_async_script(
        "const done = arguments[0]; setTimeout(() => done(document.getElementById('atlas').open), 200)"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_offline_at_every_width(browser: Chrome, address: str, width: int) -> None:
    """Every chart has marks, nothing is fetched, nothing is complained of, and the page does not scroll sideways."""
    visit(browser, address, width)
    unfolded(browser)
    marks = "return [...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('svg .role-mark path').length)"
    assert min(browser.execute_script(marks)) > 0
    assert fits(browser)
    assert browser.get_log("browser") == []
    assert {url.partition(":")[0] for url in requested(browser)} <= {"file", "data"}


def test_charts_fit_their_place_after_the_window_changed(browser: Chrome, address: str) -> None:
    """A chart is drawn anew for a narrower window, with fewer panels beside each other."""
    from selenium.webdriver.support.ui import WebDriverWait

    visit(browser, address)
    unfolded(browser)
    resize(browser, 390)
    drawn = """return [...document.querySelectorAll('.chart')].every(
        c => +c.querySelector('svg').getAttribute('width') <= c.clientWidth)"""
    assert WebDriverWait(browser, 30).until(lambda driver: driver.execute_script(drawn))


@pytest.mark.long
def test_the_page_of_a_study_under_way_loads_itself_again(browser: Chrome, make: Make, tmp_path: Path) -> None:
    """What has come in meanwhile is seen without a hand, verdicts are not, and the last page stays."""
    from selenium.webdriver.support.ui import WebDriverWait

    page, arms = tmp_path / "mine" / "report.html", [{"norm": "bn"}, {"norm": "ln"}]
    visit(browser, html.write_live(make(arms=arms, missing=4), page).as_uri())
    said = "return document.querySelector('h1').textContent"
    assert browser.execute_script(said) == "2 of 6 runs finished."
    assert not browser.execute_script("return document.querySelector('.cards, #differences, #findings')")
    html.write_live(make(arms=arms, missing=2), page)
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(said) == "4 of 6 runs finished.")
    html.write(make(arms=arms), page)
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script("return !!document.querySelector('.cards')"))
    assert not browser.execute_script("return 'live' in document.documentElement.dataset")


def test_charts_can_be_read_in_the_dark(browser: Chrome, address: str) -> None:
    """The words of a chart take the page's own colours, light on dark."""
    visit(browser, address, scheme="dark")
    colours = browser.execute_script(
        """const text = document.querySelector('.chart svg .role-axis-label text');
        return [getComputedStyle(text).fill, getComputedStyle(document.body).backgroundColor]"""
    )
    label, ground = (sum(map(int, colour[4:-1].split(", "))) / 3 for colour in colours)
    assert label - ground > 100


@pytest.mark.long
def test_thousands_of_dots_are_drawn_on_a_canvas_and_read_in_the_dark(
    browser: Chrome, make: Make, tmp_path: Path
) -> None:
    """Not with an element a dot; where the page is dark, light and dark inks change places."""
    norms = ["bn", "ln", "gn:2", "in", "rms", "none", "ln-c", "gn:5", "ws+bn", "dyt"]
    page = html.write(make(vary={"norm": norms}, seeds=300, images=100, epochs=1), tmp_path / "report.html")
    for scheme, filtered in (("light", "none"), ("dark", "invert(1) hue-rotate(180deg)")):
        visit(browser, page.as_uri(), scheme=scheme)
        look = "return getComputedStyle(document.querySelector('#finals canvas')).filter"
        assert browser.execute_script(look) == filtered
        assert browser.get_log("browser") == []


@pytest.mark.long
def test_the_page_of_a_path_works_too(browser: Chrome, make: Make, tmp_path: Path) -> None:
    """Its charts are drawn at desktop and phone width, in the dark as well, without a word of complaint."""
    lambdas = (1e-4, 1e-3, 1e-2)
    arms = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in lambdas)]
    made = make(arms=arms, holdout=1_000, warm_start=True)
    address = html.write(made, tmp_path / "report.html").as_uri()
    for width, scheme in ((1280, "light"), (390, "dark")):
        visit(browser, address, width, scheme)
        unfolded(browser)
        assert fits(browser)
        assert browser.get_log("browser") == []


@pytest.mark.long
def test_the_page_of_crossed_factors_works_too(browser: Chrome, make: Make, tmp_path: Path) -> None:
    """Dose charts, one for each form, and heat maps are drawn without a word of complaint, and numbers can be read."""
    vary = {"norm": ["bn", "ln", "in", "none", "gn:2"], "batch_size": [16, 64, 256], "penalty.lambda": [0.0, 1e-4]}
    address = html.write(make(vary=vary, seeds=2, images=100), tmp_path / "report.html").as_uri()
    for width, scheme in ((1280, "light"), (390, "dark")):
        visit(browser, address, width, scheme)
        unfolded(browser)
        assert fits(browser)
        assert browser.get_log("browser") == []
    few = make(vary={"penalty.lambda": [0.0, 1e-5, 1e-4, 1e-3], "norm": ["bn", "ln"]}, seeds=2, images=100)
    visit(browser, html.write(few, tmp_path / "few.html").as_uri(), 390)
    unfolded(browser)
    assert fits(browser)
    assert browser.get_log("browser") == []
    ticks = (
        "return [...document.querySelectorAll('#dose-penalty-lambda .role-axis-label text')].map(t => t.textContent)"
    )
    assert {"0", "1e-05", "0.0001", "0.001"} <= set(browser.execute_script(ticks))


def test_printing_unfolds_all_and_folds_it_again(browser: Chrome, address: str) -> None:
    """But for the menus of charts, which stay shut."""
    visit(browser, address, 1280)
    is_open = (
        "return [...document.querySelectorAll('details')].map(part => part.open || part.closest('.chart') !== null)"
    )
    menus = "return document.querySelectorAll('.chart details[open]').length"
    before = browser.execute_script(is_open)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert all(browser.execute_script(is_open))
    assert browser.execute_script(menus) == 0
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(is_open) == before
