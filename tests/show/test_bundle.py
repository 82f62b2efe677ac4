from __future__ import annotations

from pathlib import Path

import pytest

from normlab.data.cache import VARIABLE
from normlab.show import bundle as module
from normlab.show.bundle import bundle

MADE = "draw('ünder')"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What was put together, in an empty folder; nothing is remembered from test to test."""
    done: list[str] = []
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(module, "_made", lambda: done.append(MADE) or MADE)
    return done


def fresh() -> str:
    """As another process would have it."""
    bundle.cache_clear()
    text = bundle()
    bundle.cache_clear()
    return text


def test_it_is_put_together_once_a_machine(made: list[str], tmp_path: Path) -> None:
    """The second process reads it."""
    assert [fresh(), fresh()] == [MADE, MADE]
    assert len(made) == 1
    assert len([*(tmp_path / "bundle").iterdir()]) == 1


@pytest.mark.parametrize("content", [b"", b"alert(1)", b"\xff\xfe"])
def test_a_file_that_is_not_as_it_was_written_is_not_used(made: list[str], tmp_path: Path, content: bytes) -> None:
    """Cut short, replaced or damaged: it is put together and kept again."""
    fresh()
    (path,) = (tmp_path / "bundle").iterdir()
    path.write_bytes(content)
    assert fresh() == MADE
    assert (len(made), path.read_text(encoding="utf-8")) == (2, MADE)


def test_where_nothing_can_be_kept_it_is_there_all_the_same(made: list[str], tmp_path: Path) -> None:
    """A file in the place of the folder."""
    (tmp_path / "bundle").write_text("")
    assert [fresh(), fresh()] == [MADE, MADE]
    assert len(made) == 2
