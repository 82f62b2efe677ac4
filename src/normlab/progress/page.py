"""The page itself, which asks for everything that moves."""

from __future__ import annotations

from normlab.show.pages import environment


def page(name: str) -> bytes:
    """The page of the study called so; it fetches nothing from elsewhere."""
    return environment("normlab.progress").get_template("live.html.j2").render(name=name).encode()
