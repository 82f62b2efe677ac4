"""Images of a place, decoded once: files that every process maps into its memory, so that all share the pages.

    <root>/decoded/<fingerprint>/manifest.json     what is there
                                 train.images      uint8, (N, C, H, W)
                                 train.labels      int64, (N,)
                                 test.images, test.labels

The fingerprint is one of the source's files by name, size and time, of the classes' names, and of how they are read:
what changed is decoded anew. The folder is written under another name and renamed, so that it is whole or not there.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from normlab import leftovers, trust
from normlab.data import cache, layouts, pages
from normlab.data.decoder import Troubles, asked_form, common_form, decoded
from normlab.data.layouts import Found, Pixels
from normlab.data.manifest import Manifest, Role, Writer, described
from normlab.data.pictures import Form
from normlab.data.shares import Sorted, check, sort
from normlab.errors import DataError
from normlab.events import Decoded, Tell, silent
from normlab.spec.images import Images

FORMAT = 2
"""Goes up whenever the same files are decoded to something else."""
HOME = "decoded"
LABEL = "<i8"
ROLES: tuple[Role, ...] = ("train", "test")
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Place:
    """Decoded images: the folder that has them and its manifest."""

    folder: Path
    manifest: Manifest

    def images(self, role: Role) -> Pixels:
        """Read-only, (N, C, H, W), on pages that processes share."""
        return _mapped(self.folder / f"{role}.images", np.uint8, (self.manifest.count(role), *self.manifest.shape))

    def labels(self, role: Role) -> NDArray[np.int64]:
        """Read-only, (N,)."""
        return _mapped(self.folder / f"{role}.labels", LABEL, (self.manifest.count(role),))


def place(images: Images, tell: Tell = silent) -> Place:
    """The decoded images of a place, which is an absolute path, decoded now where they are not yet.

    Raises:
        DataError: nothing is there, or it cannot be used; the disk has no room for it.
        CorruptData: a file is not what it promises.
    """
    found = layouts.called(*images.function) if images.function else layouts.recognise(Path(images.place))
    folder = _home() / _fingerprint(images, found)
    manifest = _manifest(folder)
    if manifest is None:
        try:
            _decode(images, found, folder, tell)
        except OSError as error:
            raise _failed(images, folder, error) from None
        manifest = _manifest(folder)
    if manifest is None:
        raise DataError(f"{folder}: what was just decoded is not there any more; try again")
    return Place(folder, manifest)


def _failed(images: Images, folder: Path, error: OSError) -> DataError:
    """The error of images that could not be decoded: a disk that is full is no fault of what is read."""
    if error.errno in FULL:
        return cache.unwritable(Path(error.filename or folder), error)
    return DataError(f"{images.place}: cannot read {error.filename or 'it'}: {error.strerror or error}")


def distrusted() -> str:
    """Why the folder of decoded images is not used, but one of our own; empty where it is."""
    return trust.distrust(cache.root() / HOME)


def _home() -> Path:
    """The folder of decoded images, one of our own where others could have put something into it."""
    if not distrusted():
        return cache.root() / HOME
    own = cache.root() / f"{HOME}-{os.geteuid()}"
    if why := trust.distrust(own):
        raise DataError(f"{why}; or set {cache.VARIABLE} to a folder of your own")
    return own


def _fingerprint(images: Images, found: Found) -> str:
    asked = (FORMAT, images.resize, images.grey, images.skip_bad)
    read = (found.layout, found.content, found.classes, found.notes)
    digest = hashlib.sha256(json.dumps([*asked, *read]).encode())
    for path in found.files:
        digest.update(f"{path}\0{_stamp(path)}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def _stamp(path: Path | str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path for each image takes a second
    except OSError:
        return "not there"
    return f"{status.st_size} {status.st_mtime_ns}"


def _manifest(folder: Path) -> Manifest | None:
    """What a folder has, None where it is not there, not whole, or others could have written it."""
    if trust.distrust(folder) or any(map(trust.distrust, folder.glob("*"))):
        return None
    try:
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        sizes = [(folder / f"{role}.{what}").stat().st_size for role in ROLES for what in ("images", "labels")]
    except (OSError, ValidationError):
        return None
    one = int(np.prod(manifest.shape)), np.dtype(LABEL).itemsize
    return manifest if sizes == [manifest.count(role) * size for role in ROLES for size in one] else None


def _decode(images: Images, found: Found, folder: Path, tell: Tell) -> None:
    sorted_, troubles = sort(found, images.place), Troubles()
    count = sum(len(share.part) for share in sorted_.shares)
    parts = [share.part for share in sorted_.shares]
    form = asked_form(images) or common_form(
        parts, images, troubles, _progress(f"{images.title}: headers", count, tell)
    )
    _room(images, count * form.channels * form.height * form.width)
    with _unfinished(folder) as made:
        writers = _filled(made, sorted_, form, troubles, _progress(f"{images.title}: images", count, tell))
        if troubles.why and not images.skip_bad:
            raise DataError(f"{images.place}: {troubles.told(count)}; --bad-images skip leaves them out")
        skipped: tuple[str, ...] = ()
        if troubles.why:
            _check_rest(images, sorted_, writers)
            skipped = (f"{troubles.told(count)}; they are left out",)
        manifest = described(found.layout, sorted_, form, writers, skipped)
        cache.write(made / "manifest.json", manifest.model_dump_json(indent=1).encode())


def _check_rest(images: Images, sorted_: Sorted, writers: Mapping[Role, Writer]) -> None:
    """Raise `DataError` where what is left without bad images is no study, or has lost a class."""
    learned, judged = writers["train"].classes, writers["test"].classes
    where = f"{images.place}, without the images that cannot be read"
    if lost := sorted(sorted_.of(judged=False) - learned - judged):
        raise DataError(f"{where}: expected images of every class, got none of {sorted_.classes[lost[0]]!r}")
    check(learned, judged, sorted_.classes, where)


def _progress(what: str, total: int, tell: Tell) -> Callable[[int], None]:
    done = 0

    def more(images: int) -> None:
        nonlocal done
        done += images
        tell(Decoded(what, done, total))

    tell(Decoded(what, 0, total))
    return more


def _filled(
    folder: Path, sorted_: Sorted, form: Form, troubles: Troubles, tell: Callable[[int], None]
) -> dict[Role, Writer]:
    writers: dict[Role, Writer] = {"train": Writer(folder, "train", form.channels)}
    writers["test"] = Writer(folder, "test", form.channels)
    try:
        for share in sorted_.shares:
            start = 0
            for chunk in decoded(share.part, form, troubles):
                here = slice(start, start + len(chunk.good))
                labels, judged = share.labels[here][chunk.good], share.judged[here][chunk.good]
                for role, which in (("train", ~judged), ("test", judged)):
                    writers[role].write(chunk.pixels[which], labels[which])  # type: ignore[index]
                start = here.stop
                tell(len(chunk.good))
    finally:
        for writer in writers.values():
            writer.close()
    return writers


def _room(images: Images, size: int) -> None:
    """Raise `DataError` where the disk has no room for so many bytes."""
    home = _home()
    try:
        trust.folder(home)
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise cache.unwritable(home, error) from None
    if size > free:
        raise DataError(
            f"{images.place}: its images take {size / 1e9:,.1f} GB as pixels, {home} has {free / 1e9:,.1f} GB free; "
            f"make room, set {cache.VARIABLE} to a folder elsewhere, or make them smaller with --resize"
        )


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder to write into, which then gets its name; nothing of it is left where that fails."""
    with ExitStack() as stack:
        try:
            aside = stack.enter_context(leftovers.folder(folder.parent, "decoded"))
            trust.folder(made := aside / "made")
        except OSError as error:
            raise cache.unwritable(folder, error) from None
        yield made
        _name(made, folder, aside / "before")


def _name(made: Path, folder: Path, before: Path) -> None:
    """Give what was made its name, in the place of what is not whole; another process may have been faster."""
    try:
        if os.path.lexists(folder) and _manifest(folder) is None:
            with suppress(FileNotFoundError):  # other processes may be about to replace it as well
                folder.rename(before)
        made.rename(folder)
    except OSError as error:
        if _manifest(folder) is None:
            raise cache.unwritable(folder, error) from None


def _mapped(path: Path, kind: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        return pages.mapped(path, kind, shape).view(np.ndarray) if shape[0] else np.empty(shape, kind)
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from None
