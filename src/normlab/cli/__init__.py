"""The command line: parse, one call of the API, render. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import atexit
import gc
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer

from normlab.cli import (
    answers,
    assignment,
    bench,
    calibrate,
    claims,
    compact,
    compare,
    convert,
    data,
    doctor,
    explain,
    export,
    judge,
    lint,
    merge,
    path,
    plan,
    predict,
    preregister,
    publish,
    report,
    robust,
    runs,
    submit,
    summary,
    train,
    worker,
)
from normlab.cli.console import mute, say
from normlab.errors import NormlabError
from normlab.spec.problems import one_line

MOST_LETTERS = 1000
"""Of an error: what it quotes may be of any length."""
MISTYPED: type[Exception] = typer.BadParameter.__bases__[0]
"""Every error of a command line that cannot be parsed; typer does not export it."""

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

        say(f"normlab {normlab.__version__}")
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
app.command("robust")(robust.robust)
app.command("runs")(runs.runs)
app.command("worker")(worker.worker)
app.command("submit")(submit.submit)
app.command("merge")(merge.merge)
app.command("summary")(summary.summary)
app.command("bench")(bench.bench)
app.command("calibrate")(calibrate.calibrate)
app.command("judge")(judge.judge)
app.command("lint")(lint.lint)
app.command("plan")(plan.plan)
app.command("preregister")(preregister.preregister)
app.command("doctor")(doctor.doctor)
app.command("claims")(claims.claims)
app.command("publish")(publish.publish)
app.command("answers")(answers.answers)
app.add_typer(data.app, name="data")


def main() -> None:
    """The entry point: an error of ours is one line on stderr and its exit code."""
    atexit.register(gc.freeze)  # Python's end would look through all that PyTorch has made, several times: for seconds
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every system's text has Greek letters
    try:
        sys.exit(app(standalone_mode=False))
    except NormlabError as error:
        for line in error.details.splitlines():
            print(one_line(line), file=sys.stderr)  # noqa: T201 - a traceback of the user's own code
        _end(str(error), error.exit_code)
    except MISTYPED as error:
        _end(_usage(error), 2)
    except typer.Abort:
        _end("nothing was done", 1)
    except OSError as error:
        _unheard(error)
    finally:
        _flush()


def _usage(error: Any) -> str:
    """What is wrong with a command line; of one without a command, the help that was asked for."""
    said, context = error.format_message(), error.ctx
    if "\n" in said:
        print(said, file=sys.stderr)  # noqa: T201 - as it is laid out
        sys.exit(2)
    return f"{said.rstrip('.')}; see `{context.command_path if context else 'normlab'} --help`"


def _end(told: str, code: int) -> NoReturn:
    line = one_line(told)
    shown = line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1]}…"
    print(f"error: {shown}", file=sys.stderr)  # noqa: T201 - here alone errors are printed
    sys.exit(code)


def _flush() -> None:
    """Now, where it can fail without a word: at Python's end it would change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            mute(stream)


def _unheard(error: OSError) -> NoReturn:
    """The answer could not be printed, since its reader has gone or the disk is full; what is kept was kept before.

    What fails about a file by its name is raised again: it is no stream of ours.
    """
    if error.filename is not None:
        raise error
    mute(sys.stdout)
    with suppress(OSError):
        print(f"error: cannot print the answer: {(error.strerror or str(error)).lower()}", file=sys.stderr)  # noqa: T201
    sys.exit(1)
