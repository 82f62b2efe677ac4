"""The page as a reader uses it: real keys and a real pointer, beside PyTorch's numbers (shown with six decimals)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from browsers import fits, requested
from numpy.typing import NDArray
from torch import nn

from normlab.norms import Slot, resolve

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = pytest.mark.browser

Array = NDArray[np.float64]
Opened = Callable[..., "Chrome"]
FIGURE = np.array(
    [
        [[[4, 4], [3, 5]], [[-2, 2], [4, 6]], [[1, 1], [-1, 2]]],
        [[[2, 4], [1, 3]], [[1, 1], [4, 5]], [[0, 1], [-1, 0]]],
    ],
    dtype=np.float64,
)
SIX = np.random.default_rng(0).integers(-3, 7, (2, 6, 1, 2)).astype(np.float64)


def layer(norm: str, x: Array) -> nn.Module:
    _, channels, height, width = x.shape
    return resolve(norm)(Slot("layer", channels, (height, width), 1)).double()


def torched(norm: str, x: Array) -> Array:
    found: Array = layer(norm, x)(torch.from_numpy(x)).detach().numpy()
    return found


def shown(page: Chrome, name: str = "y") -> Array:
    """The numbers of a grid as they are told to a screen reader, flat."""
    script = "return [...document.querySelectorAll(`#${arguments[0]} button`)].map(b => b.ariaLabel.split(': ')[1])"
    texts: list[str] = page.execute_script(script, name)
    return np.array([float(text.replace("−", "-")) if text != "—" else np.nan for text in texts])


def close(ours: Array, theirs: Array) -> None:
    np.testing.assert_allclose(ours, theirs.ravel(), rtol=1e-5, atol=1e-6)


def cell(page: Chrome, index: int, grid: str = "x") -> WebElement:
    return page.find_element("css selector", f'#{grid} [data-index="{index}"] > :last-child')


def fill(field: WebElement, text: str) -> None:
    """Type over what is there."""
    from selenium.webdriver import Keys

    field.click()
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.BACKSPACE)
    field.send_keys(text)


def press(page: Chrome, selector: str, *keys: str) -> None:
    """Focus and press keys, as a keyboard does it."""
    page.execute_script("document.querySelector(arguments[0]).focus()", selector)
    page.switch_to.active_element.send_keys(*keys)


def choose(page: Chrome, name: str, value: str) -> None:
    page.find_element("css selector", f'input[name={name}][value="{value}"]').click()


def text(page: Chrome, selector: str) -> str:
    return page.find_element("css selector", selector).text


def focused(page: Chrome) -> str:
    return page.switch_to.active_element.get_attribute("aria-label") or ""


def test_a_number_that_is_typed_moves_what_shares_its_set(opened: Opened) -> None:
    """The output is PyTorch's for the new tensor, and the page says how many outputs moved."""
    page = opened(FIGURE, "bn")
    close(shown(page), torched("bn", FIGURE))
    x = FIGURE.copy()
    x[0, 1, 0, 0] = -0.25
    fill(cell(page, 4), "-2.5e-1")
    close(shown(page), torched("bn", x))
    choose(page, "norm", "ln")
    close(shown(page), torched("ln", x))
    fill(cell(page, 4), "9")
    assert "moved 12 of the 24 outputs" in text(page, "#moved")


@pytest.mark.parametrize("norm", ["bn", "ln", "in", "ln-c", "ln-chw", "rms", "none"])
def test_every_norm_can_be_chosen(opened: Opened, norm: str) -> None:
    """Choosing a norm shows PyTorch's output, also when the page starts with it."""
    page = opened(SIX, "gn:2")
    choose(page, "norm", norm)
    close(shown(page), torched(norm, SIX))
    close(shown(opened(SIX, norm)), torched(norm, SIX))


def test_the_slider_turns_layer_norm_into_instance_norm(opened: Opened) -> None:
    """Step by step through the divisors of the channels, by keyboard, with the right name at every stop."""
    from selenium.webdriver import Keys

    close(shown(opened(SIX, "gn")), torched("gn:2", SIX))  # where no author chose, the fewest groups above one
    page = opened(SIX, "ln")
    for groups, name in ((2, "gn"), (3, "gn"), (6, "in")):
        press(page, "#groups", Keys.ARROW_RIGHT)
        close(shown(page), torched(f"gn:{groups}", SIX))
        assert page.find_element("css selector", "[name=norm]:checked").get_attribute("value") == name
    press(page, "#groups", Keys.HOME)
    close(shown(page), torched("ln", SIX))
    assert "layer norm" in (page.find_element("id", "groups").get_attribute("aria-valuetext") or "")


def test_more_images_move_batch_norm_alone(opened: Opened) -> None:
    """Images that are taken away come back with what was typed in them."""
    from selenium.webdriver import Keys

    page = opened(FIGURE, "bn")
    fill(cell(page, 23), "7")
    x = FIGURE.copy()
    x[1, 2, 1, 1] = 7
    press(page, "#images", Keys.ARROW_LEFT)
    close(shown(page), torched("bn", x[:1]))
    assert "exactly instance norm" in text(page, "[data-for=alone]")
    press(page, "#images", Keys.ARROW_RIGHT)
    close(shown(page), torched("bn", x))
    press(page, "#images", Keys.ARROW_RIGHT)
    assert "24 of the 24" in text(page, "#moved")
    choose(page, "norm", "in")
    press(page, "#images", Keys.END)
    assert len(shown(page)) == 8 * 12
    assert "moved 0 of the 36" in text(page, "#moved")
    close(shown(page)[:24], torched("in", x))


def test_evaluation_uses_what_training_left(opened: Opened) -> None:
    """After three steps, evaluation is PyTorch's BatchNorm2d after three steps; forgetting begins anew."""
    page, module, x = opened(FIGURE, "bn"), layer("bn", FIGURE), torch.from_numpy(FIGURE)
    for _ in range(3):
        page.find_element("id", "step").click()
        module(x)
    choose(page, "mode", "eval")
    close(shown(page), module.eval()(x).detach().numpy())
    assert "11.5 / (8 − 1) = 1.642857" in text(page, "#update")
    assert "3 training steps" in text(page, "#steps")
    page.find_element("id", "forget").click()
    close(shown(page), FIGURE / np.sqrt(1 + 1e-5))
    choose(page, "norm", "ln")
    assert "same function" in text(page, "section[aria-labelledby=mode]")


def test_one_value_a_channel_is_refused_as_pytorch_refuses_it(opened: Opened) -> None:
    """There is no output, the reason is told, and evaluation works all the same."""
    page = opened(SIX[:1, :, :, :1], "bn")
    assert np.isnan(shown(page)).all()
    assert "Expected more than 1 value per channel" in text(page, "[data-for=refused]")
    assert not page.find_element("id", "step").is_enabled()
    choose(page, "mode", "eval")
    close(shown(page), SIX[:1, :, :, :1] / np.sqrt(1 + 1e-5))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("abc", "a number such as"),
        ("", "got nothing"),
        ("-", "a number such as"),
        ("Infinity", "a number such as"),
        ("1,5", "1.5"),
        ("1e999", "between"),
    ],
)
def test_what_is_no_number_is_marked_and_changes_nothing(opened: Opened, typed: str, hint: str) -> None:
    """The cell and the message say so, the last good result stays, and goes on once the cell is mended."""
    page = opened(FIGURE, "bn")
    fill(cell(page, 7), typed)
    bad = cell(page, 7)
    assert bad.get_attribute("aria-invalid") == "true"
    message = page.find_element("id", bad.get_attribute("aria-describedby") or "")
    assert "image 1, channel 2, row 2, column 2" in message.text
    assert hint in message.text
    before = shown(page)
    assert np.isfinite(before).all()
    choose(page, "norm", "ln")  # other things go on meanwhile
    choose(page, "norm", "bn")
    assert (shown(page) == before).all()
    assert cell(page, 7).get_attribute("value") == typed
    fill(cell(page, 7), "6")
    assert cell(page, 7).get_attribute("aria-invalid") is None
    assert text(page, ".bad") == ""
    close(shown(page), torched("bn", FIGURE))


def test_arrows_walk_and_leave_the_caret_its_text(opened: Opened) -> None:
    """Up, down and Enter change rows; left and right move the caret until it stands at an end."""
    from selenium.webdriver import Keys

    page = opened(FIGURE, "bn")
    fill(cell(page, 0), "12")
    walk = [
        (Keys.ARROW_DOWN, "row 2, column 1"),
        (Keys.ENTER, "image 2, channel 1, row 1, column 1"),
        (Keys.ARROW_UP, "image 1, channel 1, row 2"),
        (Keys.ARROW_UP, "image 1, channel 1, row 1"),
        (Keys.ARROW_UP, "image 1, channel 1, row 1"),
        (Keys.HOME, "row 1, column 1"),
        (Keys.ARROW_RIGHT, "row 1, column 1"),
        (Keys.ARROW_RIGHT, "row 1, column 1"),
        (Keys.ARROW_RIGHT, "row 1, column 2"),
        (Keys.ARROW_RIGHT, "row 1, column 2"),
        (Keys.ARROW_RIGHT, "channel 2, row 1, column 1"),
        (Keys.HOME + Keys.ARROW_LEFT, "channel 1, row 1, column 2"),
    ]
    for key, place in walk:
        page.switch_to.active_element.send_keys(key)
        assert place in focused(page), (key, place)
    press(page, "#y [tabindex='0']", Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    assert focused(page).startswith("y, image 1, channel 2, row 2, column 1")


def test_a_set_has_one_letter_one_colour_and_an_outline(opened: Opened) -> None:
    """Pointing at a cell outlines its set in both grids and works it through; after that the chosen one is back."""
    from selenium.webdriver import ActionChains

    page = opened(FIGURE, "bn")
    script = """return ['x', 'y'].map(grid => [...document.querySelectorAll(`#${grid} .cell`)].map(c => [
        c.firstChild.textContent, c.style.getPropertyValue('--hue'), Boolean(c.closest('.lit'))]))"""
    ActionChains(page).move_to_element(cell(page, 6, "y")).perform()
    x, y = page.execute_script(script)
    assert x == y
    assert len({letter for letter, *_ in x}) == len({colour for _, colour, _ in x}) == 3
    assert len({(letter, colour) for letter, colour, _ in x}) == 3
    assert [lit for *_, lit in x] == [letter == "B" for letter, *_ in x]
    assert "Set B: channel 2 of every image, 8 values" in text(page, "#cell-set")
    for line in ("= 21 / 8 = 2.625", "= 47.875 / 8 = 5.984375", "√(5.984375 + 0.00001) = 2.4463"):
        assert line in text(page, "#cell").replace("\n", " ")
    ActionChains(page).move_to_element(page.find_element("tag name", "h1")).perform()
    assert "Set A" in text(page, "#cell-set")


def test_gamma_and_beta_of_one_channel(opened: Opened) -> None:
    """Slider and field speak of the channel that is chosen; field and slider agree; nonsense is marked."""
    from selenium.webdriver import Keys

    page, module = opened(FIGURE, "gn:3"), layer("gn:3", FIGURE)
    page.find_element("css selector", "#channel option[value='1']").click()
    press(page, "#gamma-slider", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    field = page.find_element("css selector", "[data-knob=beta] [type=text]")
    fill(field, "-0.75")
    with torch.no_grad():
        module.weight[1], module.bias[1] = 1.2, -0.75  # type: ignore[index, operator]
    close(shown(page), module(torch.from_numpy(FIGURE)).detach().numpy())
    fill(field, "x")
    assert field.get_attribute("aria-invalid") == "true"
    close(shown(page), module(torch.from_numpy(FIGURE)).detach().numpy())


def test_the_gradient_is_autograds(opened: Opened) -> None:
    """Of one output, and of numbers of one's own; and it is told that it sums to zero over the set."""
    page = opened(SIX, "gn:2")
    cell(page, 3).click()
    for value in (None, "2.5"):
        g = np.zeros(SIX.shape)
        g.flat[3] = 1
        if value:
            choose(page, "upstream", "own")
            fill(cell(page, 0, "g"), "0")
            fill(cell(page, 3, "g"), "1")
            fill(cell(page, 8, "g"), value)
            g.flat[8] = float(value)
        x = torch.from_numpy(SIX).requires_grad_()
        (wanted,) = torch.autograd.grad(layer("gn:2", SIX)(x), x, torch.from_numpy(g))
        close(shown(page, "dx"), wanted.numpy())
    assert "Σ dL/dx" in text(page, "#gradient")
    assert "sums to zero" in text(page, "section[aria-labelledby=back] figcaption")


def test_larger_weights_take_smaller_steps(opened: Opened) -> None:
    """α = 4: the output stays, the gradient is a quarter, the relative step a sixteenth; without a norm not."""
    page = opened(FIGURE, "bn")
    fill(page.find_element("css selector", "[data-knob=alpha] [type=text]"), "4")
    number = lambda name: float(text(page, f"#scaled-{name}").removeprefix("× ").replace("−", "-"))  # noqa: E731
    assert number("y") < 1e-4
    assert number("gradient") == pytest.approx(1 / 4, rel=1e-4)
    assert number("step") == pytest.approx(1 / 16, rel=1e-4)
    choose(page, "norm", "none")
    assert number("y") == 18
    assert number("gradient") == 1
    assert "nothing divides α away" in text(page, "[data-for='none evaluation']")


def test_only_l1_reaches_zero(opened: Opened) -> None:
    """Beneath the threshold L1's weight is exactly zero, L2's is not, and the subgradient steps over zero."""
    page = opened(FIGURE, "bn")
    fill(page.find_element("css selector", "[data-knob=w] [type=text]"), "0.3")
    assert text(page, "#soft") == "0"
    assert text(page, "#ridge") == "0.2"
    assert text(page, "#sub") == "−0.2"


def test_the_address_carries_the_state(opened: Opened) -> None:
    """What was set on one page is there on another that is opened with its address, and gone after a reset."""
    page = opened(FIGURE, "bn")
    fill(cell(page, 0), "8.5")
    page.find_element("id", "step").click()
    choose(page, "mode", "eval")
    fill(page.find_element("css selector", "[data-knob=gamma] [type=text]"), "2")
    page.find_element("id", "copy").click()
    before = shown(page)
    address = page.current_url.partition("#")[2]
    page = opened(FIGURE, "ln", address=f"norm=bn&{address}")
    assert (shown(page) == before).all()
    assert cell(page, 0).get_attribute("value") == "8.5"
    page.find_element("id", "reset").click()
    close(shown(page), torched("ln", FIGURE))


def test_an_address_that_is_not_understood_is_told(opened: Opened) -> None:
    """What can be read of it is used; the rest is named, and nothing breaks."""
    address = "norm=zn&images=99&x=1,two&colour=red&toString=1&groups=2&w=%22%3E%3Cb%3E&gamma=2,2,2"
    page = opened(FIGURE, "bn", address=address)
    close(shown(page), 2 * torched("bn", FIGURE))
    for part in ("norm=zn", "images=99", "x=1,two", "colour=red", "toString=1", "groups=2", "w="):
        assert f"“{part}" in text(page, "#address")
    assert page.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 360])
def test_the_page_is_quiet_and_fits(opened: Opened, width: int, scheme: str) -> None:
    """No complaint, no request, no sideways scroll, targets large enough, and words that stand out from the ground."""
    for x, norm, images in ((FIGURE, "bn", 2), (FIGURE, "ln-c", 8), (SIX, "gn:3", 1)):
        page = opened(x, norm, width, scheme, f"images={images}")
        assert fits(page)
        sizes = page.execute_script(SIZES)
        assert min(size for _, size in sizes) >= 32, sorted(sizes, key=lambda one: one[1])[:3]
        contrasts = page.execute_script(CONTRASTS)
        assert min(ratio for _, ratio in contrasts) >= 4.5, sorted(contrasts, key=lambda one: one[1])[:3]
        assert page.get_log("browser") == []
        assert {url.partition(":")[0] for url in requested(page)} <= {"file", "data"}


SIZES = """return [...document.querySelectorAll('button, input, select')].filter(e => e.offsetParent)
    .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])"""

# Colours of any notation are drawn on a canvas and read back; the ground of a word is the first that is not clear.
CONTRASTS = """
const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
const pen = canvas.getContext('2d', {willReadFrequently: true});
const rgba = colour => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
};
const light = colour => rgba(colour).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = e => !e ? 'white' : rgba(getComputedStyle(e).backgroundColor)[3] ? getComputedStyle(e).backgroundColor
    : ground(e.parentElement);
const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
return [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility() && !e.disabled && !e.matches('script, noscript *, .skip, .unseen'))
    .filter(e => e.matches('input[type=text]') || [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
        const style = getComputedStyle(e);
        const ink = e instanceof SVGElement ? style.fill : style.color;
        return [e.outerHTML.slice(0, 80), ratio(light(ink), light(ground(e)))];
    })
"""


def test_everything_is_reached_and_named(opened: Opened) -> None:
    """The Tab key passes through every control once, in the order of the page, and each has a name."""
    from selenium.webdriver import Keys

    page = opened(FIGURE, "bn")
    page.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.find_element("tag name", "body").send_keys(Keys.TAB)
    places = []
    for _ in range(100):
        at = page.execute_script("return [...document.querySelectorAll('*')].indexOf(document.activeElement)")
        if places and at <= places[-1]:
            break
        places.append(at)
        page.switch_to.active_element.send_keys(Keys.TAB)
    assert all(a < b for a, b in pairwise(places))
    script = """const all = [...document.querySelectorAll('*')];
        return all.filter(e => e.matches('input, select, button:not(:disabled)') && e.offsetParent && e.tabIndex >= 0)
            .filter(e => e.type !== 'radio' || e.checked).map(e => all.indexOf(e))"""
    assert set(page.execute_script(script)) <= set(places)
    page.execute_cdp_cmd("Accessibility.enable", {})
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"textbox", "slider", "button", "radio", "combobox", "group", "region", "image", "img"}
    nameless = [n for n in nodes if n.get("role", {}).get("value") in roles and not n.get("name", {}).get("value")]
    assert nameless == []
    assert page.execute_script("return document.documentElement.lang") == "en"
