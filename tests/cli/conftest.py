from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
QUICK = ["--train-images", "1024", "--epochs", "2"]
"""Options of a run that takes a second or two."""


@pytest.fixture
def normlab(tmp_path: Path, mnist: object) -> Run:  # noqa: ARG001 - the data set has to be there first
    """Runs the real command line in an empty folder, 80 columns wide."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "normlab", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run
