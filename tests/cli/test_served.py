"""`--serve` shows a study under way."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normlab import StudyResult
from normlab.cli import app, served
from normlab.cli.opened import Opener
from normlab.errors import RunFailed, SpecError, Stopped
from normlab.events import Tell, silent
from normlab.plans import Stop
from normlab.progress import Switch
from normlab.spec import design

STUDY = design(norms=["bn", "ln"], seeds=2)


def trained(train: object, *, serve: bool = True, port: int | None = None) -> StudyResult:
    """What the command does with a verb that is `train`."""
    return served.served(train, STUDY, silent, Opener(wanted=False), serve=serve, port=port)  # type: ignore[arg-type]


def test_a_port_without_a_page_is_a_mistake() -> None:
    """One line, and nothing is trained."""
    with pytest.raises(SpecError, match="--port goes with --serve"):
        trained(None, serve=False, port=8000)


def test_a_port_that_is_taken_ends_the_command_before_it_trains(tmp_path: Path) -> None:
    """With the way out, and nothing is left behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = f"compare --norms bn,ln --serve --port {port} --out {tmp_path / 'out'}".split()
        result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, SpecError)
    assert f"cannot listen on port {port}: address already in use; name another" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_stopped_study_waits_and_then_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """By the same call, as often as it is stopped."""
    waits: list[bool] = []
    monkeypatch.setattr(Switch, "wait", lambda _: waits.append(True))

    class Result:
        report = Path("report.html")

    def train(*, tell: Tell, stop: Stop) -> Result:  # noqa: ARG001 - by these names it is called
        if len(waits) < 2:
            raise Stopped("stopped")
        return Result()

    assert trained(train).report == Result.report
    assert len(waits) == 2
    assert capsys.readouterr().err.count("stopped on the page; it continues there, and Ctrl-C ends it") == 2


def test_errors_are_the_commands_own() -> None:
    """The page says them, and the command ends with them as without a page."""

    def train(*, tell: Tell, stop: Stop) -> StudyResult:  # noqa: ARG001 - by these names it is called
        raise RunFailed("1 run left no record")

    with pytest.raises(RunFailed, match="left no record"):
        trained(train)
