"""The page itself, which asks for everything that moves."""

from __future__ import annotations


def page(name: str) -> bytes:
    """The page of the study called so; it fetches nothing from elsewhere."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader("normlab.progress"), PackageLoader("normlab.show")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("live.html.j2").render(name=name).encode()
