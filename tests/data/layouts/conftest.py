"""A cache of each test's own."""

from pathlib import Path

import pytest

from normlab.data import cache


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, so that nothing was decoded before."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder
