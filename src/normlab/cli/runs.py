"""`normlab runs`: what has been trained."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.errors import SpecError
from normlab.spec.problems import short

if TYPE_CHECKING:
    from normlab.verbs.runs import ListedRun

OWN = {"seed": int, "engine": str}
"""What runs have beside the fields of their recipe."""


class Form(StrEnum):
    """How the list is printed."""

    text = "text"
    json = "json"
    csv = "csv"


def runs(
    study: Annotated[str | None, typer.Argument(help="Only the runs of this study: its name, or its folder.")] = None,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", metavar="FIELD=VALUE", help="Only runs with this value; seed and engine are fields too."
        ),
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete the runs that no study refers to.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --prune: do not ask.")] = False,
    out: options.Out = Path("normlab-out"),
    form: Annotated[Form, typer.Option("--format", help="text, json or csv.")] = Form.text,
) -> None:
    """List the runs of a project: arm, seed, epochs, accuracy, seconds, engine, key, and the studies that use them.

    Examples: normlab runs · normlab runs compare --where norm=bn --where seed=3 · normlab runs --format csv ·
    normlab runs --prune
    """
    from normlab.verbs import runs as verb

    if prune:
        if study is not None or where:
            raise SpecError("--prune goes over the whole project: leave out the study and --where")
        _prune(out, yes=yes)
        return
    found = verb.runs(study, out=out, where=_conditions(where or []))
    say({Form.text: _text, Form.json: _json, Form.csv: _csv}[form](found), nl=False)


def _conditions(texts: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise SpecError(f"--where: expected FIELD=VALUE, such as norm=bn, got {short(text)}")
        found[name] = _level(name, value)
    return found


def _level(name: str, text: str) -> Any:
    """A value that a field can have; raises `SpecError` for another."""
    from normlab.spec.fields import WORDS, find, level

    kind = OWN[name] if name in OWN else find(name).kind
    value = level(kind, text)
    if not isinstance(value, kind):
        raise SpecError(f"--where: {name} is {WORDS[kind]}, got {short(text)}")
    return value


def _prune(out: Path, *, yes: bool) -> None:
    from normlab.show.numbers import plural
    from normlab.verbs import runs as verb

    found = verb.unused(out)
    if not found.keys and not found.files:
        say("every run is used by a study: nothing to delete")
        return
    told = f"{plural(len(found.keys), 'run')} that no study refers to, and {plural(len(found.files), 'stray file')}"
    say(told)
    for key in found.keys[:20]:
        say(f"  {key[:12]}")
    if len(found.keys) > 20:
        say(f"  and {len(found.keys) - 20:,} more")
    if yes or typer.confirm("Delete them?"):
        verb.prune(out)
        say("deleted")


def _text(found: list[ListedRun]) -> str:
    heads = ("arm", "seed", "epochs", "accuracy", "seconds", "engine", "key", "studies")
    rows = [heads, *(_cells(run) for run in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    left = (0, 5, 6, 7)
    lines = (
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines) + f"\n{len(found):,} run{'' if len(found) == 1 else 's'}\n"


def _cells(run: ListedRun) -> tuple[str, ...]:
    row = run.row
    diverged = row.diverged_at is not None or run.accuracy is None
    accuracy = "diverged" if diverged else f"{run.accuracy:.2f}"
    told = str(row.seed), str(row.epochs), accuracy, f"{row.seconds:.1f}", row.engine, row.key[:12]
    return (run.arm, *told, ", ".join(row.studies) or "none")


def _json(found: list[ListedRun]) -> str:
    return json.dumps([run.to_dict() for run in found], indent=2, ensure_ascii=False) + "\n"


def _csv(found: list[ListedRun]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [run.to_dict() | {"studies": " ".join(run.row.studies)} for run in found]
    heads = ["arm", "seed", "epochs", "accuracy", "diverged_at", "seconds", "engine", "device", "finished", "key"]
    writer.writerow([*heads, "studies"])
    writer.writerows([[row[head] for head in [*heads, "studies"]] for row in rows])
    return text.getvalue()
