"""`normlab doctor` says what a machine has, and whether the engine computes on it what it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from normlab.cli import app
from normlab.errors import EngineError


@pytest.mark.slow
def test_a_machine_that_is_well_is_told_line_by_line(tmp_path: Path) -> None:
    """Versions, processor, memory, free space, and the engine's gradients beside float64."""
    result = CliRunner().invoke(app, ["doctor", "--out", str(tmp_path), "--format", "json"])
    assert result.exit_code == 0, result.output
    found = {each["what"]: each for each in json.loads(result.stdout)}
    assert str(torch.__version__).startswith(found["torch"]["told"])
    assert found["lanes"]["told"].endswith("gradients of bn, ln, gn, none are float64's")
    assert "GB free" in found["project"]["told"]


def test_an_engine_that_computes_something_else_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Marked on its line, and by the exit code."""

    def off(*_: object) -> None:
        raise EngineError("the lanes engine's gradient is off by 1.0e-01 of PyTorch's on this machine")

    monkeypatch.setattr("normlab.training.lanes.canary.try_out", off)
    result = CliRunner().invoke(app, ["doctor", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "! lanes              the lanes engine's gradient is off by 1.0e-01" in result.stdout
