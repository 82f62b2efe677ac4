"""Files that are either whole or not there: written beside their place, flushed to disk, then renamed into it."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from normlab import leftovers, trust

WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
AT_ONCE = 8
"""Files that are flushed or deleted at a time: of more, ext4 on a solid-state disk did no more in a second."""
Footprint = tuple[int, int, int, int]
NO_PLAIN_FILE = "expected a plain file, got a pipe, a device or a folder"


def write(path: Path, payload: bytes, *, durable: bool = True) -> Path:
    """Write `payload` to `path`, replacing what was there; an interruption leaves the old file, never half a new one.

    Without `durable` nothing waits for the disk: for what can be made again and is checked when it is read.

    Raises `OSError` as the system gives it (no permission, disk full, …) with the temporary file removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with leftovers.file(path) as (file, temporary):
        file.write(payload)
        file.flush()
        if durable:
            os.fsync(file.fileno())
        if os.name == "nt":  # it renames no file that is open
            file.close()
        temporary.replace(path)
    if durable:
        _sync_folder(path.parent)
    return path


def write_all(folder: Path, payloads: Mapping[str, bytes]) -> None:
    """Write files by their names, each as `write` does; all are on the disk when it returns.

    Many are flushed in little more time than one. Raises what `write` raises, with some of them written.
    """
    for name, payload in payloads.items():
        write(folder / name, payload, durable=False)
    _side_by_side(_flush, [folder / name for name in payloads])
    if payloads:
        _sync_folder(folder)


def remove_all(paths: Sequence[Path]) -> None:
    """Delete files, those that are not there aside; raises `OSError` as the system gives it."""
    _side_by_side(partial(Path.unlink, missing_ok=True), paths)


def _side_by_side(do: Callable[[Path], object], paths: Sequence[Path]) -> None:
    """A disk that is waited for does several of such things in the time of one."""
    if len(paths) == 1:
        do(paths[0])
        return
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(do, paths))


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def opened(path: Path, *, through_links: bool = True) -> BinaryIO:
    """A plain file to read; no pipe and no device is opened.

    Raises `OSError` as the system gives it, for what is no plain file, and without `through_links` for a link.
    """
    _plain(path, path.stat(follow_symlinks=through_links))
    handle = os.open(path, WITHOUT_WAITING | (0 if through_links else getattr(os, "O_NOFOLLOW", 0)))
    try:
        _plain(path, os.fstat(handle))  # it may have been exchanged meanwhile
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def _plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, NO_PLAIN_FILE, str(path))


def footprint(path: Path) -> Footprint:
    """What changes with a file, or with who may read it; raises `OSError` where it is not there."""
    found = path.lstat()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def content(path: Path, most: int) -> bytes:
    """The bytes of a plain file; raises `OSError` as `opened` does, and where there are more than `most`."""
    with opened(path) as file:
        read = file.read(most + 1)
    if len(read) > most:
        raise OSError(errno.EFBIG, f"expected at most {most:,} bytes", str(path))
    return read


def made_once(folder: Path, stem: str, ending: str, make: Callable[[], bytes]) -> bytes:
    """What takes long to make, from the file `<stem>-<checksum><ending>` of a folder where it is there.

    `stem` says what it is made of. A file that is not as it was written has another checksum than its name says, and is
    never used, nor is one that somebody else could have written; where the folder cannot be written, it is made again.
    """
    trusted = not trust.distrust(folder)
    for path in folder.glob(f"{stem}-*{ending}") if trusted else ():
        with suppress(OSError):
            content = b"" if trust.distrust(path) else path.read_bytes()
            if path.name == f"{stem}-{_checksum(content)}{ending}":
                return content
    content = make()
    with suppress(OSError):
        if trusted:
            trust.folder(folder)
            leftovers.sweep(folder)
            write(folder / f"{stem}-{_checksum(content)}{ending}", content, durable=False)
    return content


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _sync_folder(folder: Path) -> None:
    """Flush the rename itself; Windows cannot open folders and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
