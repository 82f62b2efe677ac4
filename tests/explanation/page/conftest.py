"""The page of a tensor, opened in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from browsers import visit

from normlab.explanation.page import write

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray
    from selenium.webdriver import Chrome


@pytest.fixture
def opened(browser: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Chrome]:
    """Opens the page of a tensor and a norm, at a width, in a colour scheme, with an address after the #."""

    def open_page(
        x: NDArray[float64], norm: str, width: int = 1280, scheme: str = "light", address: str = ""
    ) -> Chrome:
        path = write(x, norm, tmp_path_factory.mktemp("page") / "explain.html")
        visit(browser, f"{path.as_uri()}#{address}", width, scheme)
        return browser

    return open_page
