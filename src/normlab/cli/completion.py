"""What the Tab key completes: the studies of a project, and the arms of a study."""

from __future__ import annotations

from pathlib import Path

import typer

from normlab.errors import NormlabError


def studies(context: typer.Context, incomplete: str) -> list[str]:
    """The names of the project's studies that begin so."""
    return [folder.parent.name for folder in _notes(_project(context)) if folder.parent.name.startswith(incomplete)]


def arms(context: typer.Context, incomplete: str) -> list[str]:
    """The names of a study's arms that begin so; the study is named before, and else the only one."""
    from normlab.spec import from_toml

    notes = _notes(_project(context))
    named = context.params.get("study") or next(iter(context.args), None)  # as click has it while an option is open
    found = [note for note in notes if named in (note.parent.name, str(note.parent))] if named else notes
    try:
        names = [arm.name for arm in from_toml(found[0].read_text(encoding="utf-8")).arms] if len(found) == 1 else []
    except (OSError, UnicodeDecodeError, NormlabError):
        return []  # a key press is no place for an error: the command itself tells it
    return [name for name in names if name.startswith(incomplete)]


def _notes(project: Path) -> list[Path]:
    try:
        return sorted(project.glob("*/study.toml"))
    except OSError:
        return []


def _project(context: typer.Context) -> Path:
    """Where studies are kept: `--project` of commands that have it, whose `--out` is something else."""
    takes = {option.name for option in context.command.params}
    return Path(context.params.get("project" if "project" in takes else "out") or "normlab-out")
