"""The JavaScript of Vega, Vega-Lite and Vega-Embed, which draws every chart on a page and fetches nothing.

Putting it together takes two seconds, so it is kept on this machine, under a name that has its versions and its own
checksum: a file that is not whole, or of other versions, is never used.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from importlib.metadata import version

from normlab import files
from normlab.show.drawing import vega_lite

CALL = "window.vegaEmbed = vegaEmbed;"


@cache
def bundle() -> str:
    """Its text, from the folder where it is there; where that cannot be written it is put together again."""
    from normlab.data.cache import root  # data sets import much that a page has no use for

    folder, stem = root() / "bundle", f"vega-lite-{vega_lite()}-{version('vl-convert-python')}-{_digest(CALL)}"
    for path in folder.glob(f"{stem}-*.js"):
        with suppress(OSError, UnicodeError):
            text = path.read_bytes().decode()
            if path.stem == f"{stem}-{_digest(text)}":
                return text
    text = _made()
    with suppress(OSError):
        files.write(folder / f"{stem}-{_digest(text)}.js", text.encode(), durable=False)
    return text


def _made() -> str:
    import vl_convert

    return str(vl_convert.javascript_bundle(CALL, vl_version=vega_lite()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
