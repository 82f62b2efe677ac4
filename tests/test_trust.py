"""Files are believed that nobody else can write."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from normlab import files, trust
from normlab.training.lanes import cache_folder

LOCKS = sorted(Path(__file__).parent.parent.glob("requirements*.lock"))

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")


def test_what_others_may_write_is_not_believed(tmp_path: Path) -> None:
    """Neither a folder nor a file; the way out is named, and what is not there yet is fine."""
    for path in (tmp_path / "folder", tmp_path / "file"):
        assert not trust.distrust(path)
        path.mkdir() if path.name == "folder" else path.touch()
        for mode, believed in ((0o700, True), (0o755, True), (0o775, False), (0o757, False)):
            path.chmod(mode)
            assert (trust.distrust(path) == "") is believed
        assert "`chmod go-w` mends that" in trust.distrust(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_what_belongs_to_somebody_else_is_not_believed(tmp_path: Path) -> None:
    """Nor is a link that somebody else has made to what is ours; what is root's is."""
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.touch()
    link.symlink_to(tmp_path)
    assert not trust.distrust(theirs)
    os.chown(theirs, 65534, -1)
    os.chown(link, 65534, -1, follow_symlinks=False)
    assert "belongs to another user" in trust.distrust(theirs)
    assert "belongs to another user" in trust.distrust(link)


def test_machine_code_is_taken_from_a_private_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where `NORMLAB_KERNELS` names the folder; empty, it names none."""
    monkeypatch.setenv(cache_folder.VARIABLE, str(tmp_path))
    assert cache_folder.used() == tmp_path
    tmp_path.chmod(0o777)
    assert cache_folder.used() is None
    assert str(tmp_path) in cache_folder.distrusted()
    monkeypatch.setenv(cache_folder.VARIABLE, "")
    assert (cache_folder.used(), cache_folder.distrusted()) == (None, "")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_dependency_is_pinned_by_version_and_hash(lock: Path) -> None:
    """The installer then takes no other file by that name."""
    pins = lock.read_text().replace("\\\n", " ").splitlines()
    pins = [pin for pin in pins if not pin.startswith("#")]
    assert len(pins) >= 10
    assert [
        pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", pin)
    ] == []


def test_what_others_could_have_made_is_made_again(tmp_path: Path) -> None:
    """Its checksum is right, and it is not used; a folder that we make is ours alone."""
    ours = tmp_path / "ours"
    assert files.made_once(ours, "x", ".bin", lambda: b"theirs") == b"theirs"
    assert ours.stat().st_mode & 0o777 == 0o700
    (kept,) = ours.iterdir()
    kept.chmod(0o666)
    assert files.made_once(ours, "x", ".bin", lambda: b"made") == b"made"
    ours.chmod(0o777)
    assert files.made_once(ours, "x", ".bin", lambda: b"again") == b"again"
    assert len([*ours.iterdir()]) == 2
