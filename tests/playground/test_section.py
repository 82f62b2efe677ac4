"""The playground as a visitor uses it: a pointer, keys, files; and what its page holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from browsers import fits, requested, visit
from comparisons import left
from numpy.typing import NDArray

from normlab.data import Dataset
from normlab.data.preprocess import network_input
from normlab.errors import DamagedRun
from normlab.models.registry import build, trained_network
from normlab.playground.arms import ROOM, arms
from normlab.records import Comparison, RunRecord
from normlab.report import html
from normlab.verbs.playground import playground

if TYPE_CHECKING:
    from comparisons import Make
    from selenium.webdriver import Chrome

NASTY = "</script><script>document.title = 'bad'</script><!--"


def weighed(made: Comparison) -> Comparison:
    """The comparison with weights that its networks can have: as they are drawn."""
    runs = [left(run, {name: v.numpy() for name, v in build(run.job).state_dict().items()}) for run in made.runs]
    return replace(made, runs=runs)


@pytest.fixture(scope="module")
def drawn(make: Make, mnist: Dataset) -> Comparison:
    """Three arms on two seeds, one with a name that wants to be code; images of MNIST."""
    named = [{"name": NASTY, "norm": "bn"}, {"norm": "gn:4"}, {"norm": "none"}]
    made = weighed(make(arms=named, seeds=2, images=100))
    return replace(made, images=mnist.test_images[:100], labels=mnist.test_labels[:100])


@pytest.fixture(scope="module")
def address(drawn: Comparison, mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report with its playground as a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    return html.write(drawn, path, playground=playground(drawn, mnist)).as_uri()


def opened(browser: Chrome, address: str, width: int = 1280, scheme: str = "light") -> None:
    """Visit the page, and wait until the weights are unpacked."""
    from selenium.webdriver.support.ui import WebDriverWait

    visit(browser, address, width, scheme)
    ready = "return 'ready' in document.getElementById('playground').dataset"
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(ready))


def text(browser: Chrome, name: str) -> str:
    found: str = browser.execute_script(
        "return document.getElementById(arguments[0]).textContent", f"playground-{name}"
    )
    return found


def rows(browser: Chrome) -> list[list[str]]:
    """The table of votes: arm, bar, what it says, by how many runs, how surely."""
    found: list[list[str]] = browser.execute_script(
        "return [...document.getElementById('playground-votes').rows].map(r => [...r.cells].map(c => c.textContent))"
    )
    return found


def draw(browser: Chrome, *ways: tuple[float, float]) -> None:
    """A stroke by a real pointer through places of the sheet, 0 to 1."""
    from selenium.webdriver import ActionChains

    sheet = browser.find_element("id", "playground-sheet")
    side = sheet.size["width"]
    steps = [(round((x - 0.5) * side), round((y - 0.5) * side)) for x, y in ways]
    action = ActionChains(browser, duration=20).move_to_element_with_offset(sheet, *steps[0]).click_and_hold()
    for step in steps[1:]:
        action = action.move_to_element_with_offset(sheet, *step)
    action.release().perform()


def probabilities(runs: list[RunRecord], image: NDArray[np.uint8], data: Dataset) -> NDArray[np.float32]:
    with torch.inference_mode():
        given = network_input(image[None], data, "standardize")
        return np.stack([trained_network(run)(given).softmax(1)[0].numpy() for run in runs])


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.long
def test_a_stroke_is_voted_on(browser: Chrome, address: str, width: int, scheme: str) -> None:
    """Every arm has a row, the sentence counts all runs, nothing is fetched and nothing is complained of."""
    opened(browser, address, width, scheme)
    assert text(browser, "said") == "Draw a digit on the sheet."
    draw(browser, (0.3, 0.2), (0.7, 0.2), (0.45, 0.8))
    assert text(browser, "said").startswith(("All 6 runs say", *(f"{n} of 6 runs say" for n in range(2, 6))))
    assert [row[0] for row in rows(browser)] == [NASTY, "gn:4", "none"]
    assert "cut to its ink and centred" in text(browser, "notes")
    assert fits(browser)
    assert browser.get_log("browser") == []
    assert {url.partition(":")[0] for url in requested(browser)} <= {"file", "data"}
    browser.find_element("id", "playground-clear").click()
    assert text(browser, "said") == "Draw a digit on the sheet."
    assert not browser.find_element("id", "playground-result").is_displayed()


@pytest.mark.browser
@pytest.mark.long
def test_an_image_of_the_data_set_is_voted_on_as_pytorch_does(
    browser: Chrome, address: str, drawn: Comparison, mnist: Dataset
) -> None:
    """By keyboard; what an arm says, how many of its runs and how surely is what its networks give."""
    from selenium.webdriver import Keys

    opened(browser, address)
    browser.execute_script("document.querySelector('.samples button:nth-child(8)').focus()")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    image = mnist.test_images[np.flatnonzero(mnist.test_labels == 7)[0]]
    for arm, row in zip(drawn.study.arms, rows(browser), strict=True):
        table = probabilities(drawn.of(arm.name), image, mnist)
        assert row[2] in {str(label) for label in table.argmax(1)}
        assert row[4] == f"{100 * table[:, int(row[2])].mean():.1f} %"
    assert text(browser, "notes") == "as it is"


@pytest.mark.browser
def test_a_file_is_taken_and_what_is_no_picture_is_told(browser: Chrome, address: str, tmp_path: Path) -> None:
    """By the file chooser; the sentence says which file and the way out."""
    from PIL import Image, ImageDraw

    opened(browser, address)
    paper = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(paper).line([(150, 40), (150, 160)], "black", 20)
    paper.save(tmp_path / "one.png")
    (tmp_path / "notes.png").write_text("no picture")
    field = browser.find_element("id", "playground-file")
    field.send_keys(str(tmp_path / "one.png"))
    wait(browser, "said", "runs say")
    field.send_keys(str(tmp_path / "notes.png"))
    wait(browser, "said", "notes.png is no picture that this browser can read: take a PNG or a JPEG.")
    assert browser.get_log("browser") == []


def wait(browser: Chrome, name: str, part: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 10).until(lambda driver: part in text(driver, name))


@pytest.mark.browser
def test_channels_are_shown_before_and_after_a_norm(browser: Chrome, address: str) -> None:
    """Two pictures a channel with mean ± deviation of each, of any run and layer; a network without norms says so."""
    from selenium.webdriver.support.ui import Select

    opened(browser, address)
    draw(browser, (0.5, 0.2), (0.5, 0.8))
    run, layer = (Select(browser.find_element("id", f"playground-{name}")) for name in ("run", "layer"))
    assert len(run.options) == 6
    run.select_by_visible_text("gn:4 · seed 1")
    layer.select_by_visible_text("norm3")
    grid = browser.find_element("id", "playground-grid")
    assert len(grid.find_elements("css selector", "canvas")) == 32
    told = grid.find_element("css selector", "figcaption").find_elements("css selector", "span")
    assert all("±" in each.text for each in told)
    run.select_by_visible_text("none · seed 0")
    assert not grid.is_displayed()
    assert browser.find_element("id", "playground-none").is_displayed()


@pytest.mark.browser
def test_names_stay_names(browser: Chrome, address: str) -> None:
    """What an arm is called is shown to the letter, and never run."""
    opened(browser, address)
    draw(browser, (0.5, 0.2), (0.5, 0.8))
    assert rows(browser)[0][0] == NASTY
    assert browser.title != "bad"


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_a_report_without_it_has_nothing_of_it(drawn: Comparison, mnist: Dataset) -> None:
    """And it is known whether a page has one, so that it is left out again where nobody asks for it."""
    plain, with_it = html.render(drawn), html.render(drawn, playground=playground(drawn, mnist))
    assert "playground" not in plain
    assert len(with_it) - len(plain) < 6 * ROOM
    assert html.fingerprint(drawn, None) != html.fingerprint(drawn, None, playground=True)


@pytest.mark.slow
def test_an_arm_takes_at_most_its_room(make: Make, mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more seeds than fit as many as do, in their order, and the page says how many vote."""
    monkeypatch.setattr("normlab.playground.arms.ROOM", 70_000)
    made = weighed(make(arms=[{"norm": "bn"}], seeds=5, images=100))
    (arm,) = arms(made, mnist).playing
    assert [run["seed"] for run in arm["runs"]] == [0, 1, 2]
    assert sum(len(run["weights"]) for run in arm["runs"]) <= 70_000
    assert "3 of 5 finished runs vote here" in playground(made, mnist).markup


class Damaged:
    """A run's contents, changed in the store."""

    def __init__(self, key: str) -> None:
        self.key = key

    def weights(self) -> Mapping[str, NDArray[Any]]:
        """As a store does it."""
        raise DamagedRun({self.key: "bn · seed 0"}, {self.key: "its weights were changed"})


def test_a_damaged_run_is_named_and_the_others_play(make: Make, mnist: Dataset) -> None:
    """One line says what is wrong with it."""
    made = weighed(make(arms=[{"norm": "bn"}], seeds=2, images=100))
    broken = replace(made.runs[0], contents=Damaged(made.runs[0].key))
    found = arms(replace(made, runs=[broken, made.runs[1]]), mnist)
    assert [run["seed"] for run in found.playing[0]["runs"]] == [1]
    assert found.left_out == ("bn · seed 0: its weights were changed",)


def test_an_arm_that_no_browser_can_compute_is_left_out(make: Make, mnist: Dataset) -> None:
    """A transformer is named with its reason; without any other arm there is no sheet."""
    made = weighed(make(arms=[{"norm": "ln"}], fixed={"model": "vit"}, seeds=1, images=100))
    found = playground(made, mnist)
    assert "ln: " in found.markup
    assert "not understood" in found.markup
    assert "<canvas" not in found.markup
