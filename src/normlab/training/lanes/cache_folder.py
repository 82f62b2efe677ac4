"""Where compiled kernels are kept: machine code that is run as it lies there, so nobody else may have written it."""

from __future__ import annotations

import os
from pathlib import Path

from normlab import trust

VARIABLE = "NORMLAB_KERNELS"
"""The environment variable that moves the cache of kernels; empty means that none is kept."""


def used() -> Path | None:
    """The folder; None where kernels are not to be kept, or where others could have put some into it."""
    return None if distrusted() else _meant()


def distrusted() -> str:
    """Why the folder that is meant is not used; empty where it is."""
    meant = _meant()
    return trust.distrust(meant) if meant else ""


def _meant() -> Path | None:
    from platformdirs import user_cache_path

    given = os.environ.get(VARIABLE)
    if given is not None:
        return Path(given) if given else None
    return user_cache_path("normlab", appauthor=False) / "kernels"
