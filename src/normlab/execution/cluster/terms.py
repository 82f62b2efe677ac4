"""What holds for every run of a call: what a worker has to have, where it may save runs, whom it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex

from normlab import leftovers
from normlab.records import METHOD
from normlab.store import plain_errors

HOME = Path(__file__).parents[2]
"""normlab's own files."""


@dataclass(frozen=True)
class Terms:
    """Plain values, which go with every order.

    Args:
        versions: what this process computes with, see `versions`.
        topic: under which workers tell what happens.
        project: the folder whose checkpoints runs go on from, empty where none are made.
        mark: a file of that folder which is there as long as the call lasts, with `topic` in it.
    """

    versions: Mapping[str, str]
    topic: str
    project: str = ""
    mark: str = ""

    @property
    def folder(self) -> Path | None:
        """The project, where it can be seen from here: a path alone would be another folder on another machine."""
        try:
            seen = Path(self.mark).read_text(encoding="ascii") if self.mark else ""
        except (OSError, ValueError):
            return None
        return Path(self.project) if seen == self.topic else None


@contextmanager
def terms(project: Path | None) -> Iterator[Terms]:
    """Those of a call; the mark goes when it ends, and one that a kill has left with the next opening of the store."""
    topic = f"normlab-{token_hex(16)}"
    if project is None:
        yield Terms(versions(), topic)
        return
    home = project.resolve()
    with ExitStack() as stack:
        with plain_errors(project):
            file, path = stack.enter_context(leftovers.file(home / "cluster"))
            file.write(topic.encode())
            file.flush()
        yield Terms(versions(), topic, str(home), str(path))


@cache
def versions() -> dict[str, str]:
    """What a run's numbers depend on beside its job: these have to be the same wherever it is made."""
    import torch

    return {
        "normlab": version("normlab"),
        "method": str(METHOD),
        "normlab's code": _code(),
        "torch": str(torch.__version__),
    }


def difference(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What was expected and what came, empty where that is the same."""
    others = [name for name in expected if found.get(name) != expected[name]]
    told = [f"{name} {found.get(name, 'unknown')} and not {expected[name]}" for name in others]
    return f"it has {', '.join(told)}" if told else ""


def _code() -> str:
    """A short digest of normlab's own sources: of one version there may be several while it is worked on."""
    digest = hashlib.sha256()
    for path in sorted(HOME.rglob("*.py")):
        digest.update(path.relative_to(HOME).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()[:12]
