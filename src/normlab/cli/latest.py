"""The study that a command is about where none is named."""

from __future__ import annotations

from pathlib import Path

from normlab.cli.console import say


def named_or_latest(study: str | None, project: Path) -> str:
    """The study that is named; else the folder of the project's latest, which is said on stderr."""
    if study is not None:
        return study
    from normlab.verbs import projects

    folder = projects.latest(project)
    say(f"Study: {folder.name}, the latest in {project}", err=True)
    return str(folder)
