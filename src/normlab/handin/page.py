"""A hand-in as Markdown with pictures beside it, and as one page that holds them."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from normlab.handin.facts import Handin

if TYPE_CHECKING:
    from jinja2 import Environment

SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
"""What Markdown would read as a sign."""


def markdown(handin: Handin) -> str:
    """README.md, with links to the pictures in its folder."""
    return _rendered("README.md.j2", handin)


def html(handin: Handin) -> str:
    """handin.html, which fetches nothing."""
    return _rendered("handin.html.j2", handin)


def _rendered(template: str, handin: Handin) -> str:
    return _environment().get_template(template).render(handin=handin, version=metadata.version("normlab"))


def plain(text: str) -> str:
    """Text as Markdown shows it to the letter, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def fenced(text: str) -> str:
    """Text as a block of code whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _is_html(template: str | None) -> bool:
    return template is not None and template.endswith((".html.j2", ".css"))


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader("normlab.handin"), PackageLoader("normlab.show")]),
        autoescape=_is_html,  # noqa: S701 - in Markdown `plain` and `fenced` are what is safe
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"plain": plain, "fenced": fenced}
    return environment
