"""Whose files are believed: ours and root's, where nobody else can write. What others may change is as good as theirs.

For what is believed without being checked against anything, such as machine code in a cache.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

PRIVATE = 0o700
"""The mode of a folder for us alone."""
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def distrust(path: Path) -> str:
    """Why a file or folder is not to be believed, with the way out; empty where it is, or is not there.

    Of a link, who made it counts as well as what it leads to. Windows has other rights: there all is believed.
    """
    if not hasattr(os, "geteuid"):
        return ""
    try:
        made, there = path.lstat(), path.stat()
    except OSError:
        return ""
    if not {made.st_uid, there.st_uid} <= {0, os.geteuid()}:
        return f"{path} belongs to another user"
    return f"others may write to {path}, and `chmod go-w` mends that" if there.st_mode & OTHERS_WRITE else ""


def folder(path: Path) -> None:
    """Make a folder for us alone, if it is not there; raises `OSError` as the system gives it."""
    path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
