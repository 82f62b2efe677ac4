"""The command line: parse, one call of the API, render. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated

import typer

from normlab.cli import (
    assignment,
    bench,
    calibrate,
    claims,
    compact,
    compare,
    convert,
    data,
    explain,
    export,
    judge,
    lint,
    merge,
    path,
    predict,
    report,
    runs,
    submit,
    summary,
    train,
    worker,
)
from normlab.errors import NormlabError
from normlab.spec.problems import one_line

app = typer.Typer(
    help="All else equal, what does this change do to my image classifier?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, asked: bool) -> None:
    if asked:
        import normlab

        typer.echo(f"normlab {normlab.__version__}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """What stands before a command."""


app.command("compare")(compare.compare)
app.command("train")(train.train)
app.command("assignment")(assignment.assignment)
app.command("path")(path.path)
app.command("convert")(convert.convert)
app.command("compact")(compact.compact)
app.command("export")(export.export)
app.command("explain")(explain.explain)
app.command("predict")(predict.predict)
app.command("report")(report.report)
app.command("runs")(runs.runs)
app.command("worker")(worker.worker)
app.command("submit")(submit.submit)
app.command("merge")(merge.merge)
app.command("summary")(summary.summary)
app.command("bench")(bench.bench)
app.command("calibrate")(calibrate.calibrate)
app.command("judge")(judge.judge)
app.command("lint")(lint.lint)
app.command("claims")(claims.claims)
app.add_typer(data.app, name="data")


def main() -> None:
    """The entry point: an error of ours is one line on stderr and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every system's text has Greek letters
    try:
        app()
    except OSError as error:
        if error.filename is not None:
            raise
        _unheard(error)
    except NormlabError as error:
        for line in error.details.splitlines():
            print(one_line(line), file=sys.stderr)  # noqa: T201 - a traceback of the user's own code
        print(f"error: {one_line(str(error))}", file=sys.stderr)  # noqa: T201 - here alone errors are printed
        sys.exit(error.exit_code)


def _unheard(error: OSError) -> None:
    """The answer could not be printed, since its reader has gone or the disk is full; what is kept was kept before."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - else Python flushes it once more
    with suppress(OSError):
        print(f"error: cannot print the answer: {(error.strerror or str(error)).lower()}", file=sys.stderr)  # noqa: T201
    sys.exit(1)
