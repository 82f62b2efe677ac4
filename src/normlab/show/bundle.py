"""The JavaScript of Vega, Vega-Lite and Vega-Embed, which draws every chart on a page and fetches nothing.

Putting it together takes two seconds, so it is kept on this machine, by its versions.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version

from normlab import files
from normlab.show.drawing import vega_lite

CALL = "window.vegaEmbed = vegaEmbed;"


@cache
def bundle() -> str:
    """Its text; see `files.made_once`."""
    from normlab.data.cache import root  # data sets import much that a page has no use for

    call = hashlib.sha256(CALL.encode()).hexdigest()[:16]
    stem = f"vega-lite-{vega_lite()}-{version('vl-convert-python')}-{call}"
    return files.made_once(root() / "bundle", stem, ".js", lambda: _made().encode()).decode()


def _made() -> str:
    import vl_convert

    return str(vl_convert.javascript_bundle(CALL, vl_version=vega_lite()))
