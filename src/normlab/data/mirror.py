"""A web server that has the files of a data set one by one, or all in one .tar.gz."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit
from urllib.request import urlopen

from normlab.data.checksum import checked, expect
from normlab.data.entry import Mirror, RawFile, Tarball
from normlab.data.tar import members
from normlab.errors import DataUnavailable
from normlab.events import Fetched, Tell

TIMEOUT = 5.0  # seconds of silence after which the next way is tried
PATIENCE = 900.0  # seconds after which one is given up that is never silent and never done
CHUNK = 1 << 16  # bytes between two events


def from_mirror(mirror: Mirror, files: Sequence[RawFile], tell: Tell) -> Iterator[tuple[RawFile, bytes]]:
    """Each file with its raw, checked bytes, as they arrive.

    Raises:
        DataUnavailable: the mirror does not answer, or has no such file.
        CorruptData: it answers with other bytes.
    """
    for file in files:
        name = f"{file.name}{mirror.ending}"
        what = f"{name} from {urlsplit(mirror.base).netloc}"
        content = _download(f"{mirror.base}{name}", file.limit, what, tell)
        yield file, checked(content, file, what, zipped=file.zipped(name))


def from_tarball(tarball: Tarball, files: Sequence[RawFile], tell: Tell) -> Iterator[tuple[RawFile, bytes]]:
    """As `from_mirror`, from the one file that has them all."""
    address = urlsplit(tarball.url)
    what = f"{address.path.rpartition('/')[2]} from {address.netloc}"
    content = _download(tarball.url, tarball.size + 1, what, tell)
    expect(content, tarball.sha256, what)
    inside = {f"{tarball.folder}/{file.name}": file for file in files}
    for name, raw in members(io.BytesIO(content), inside, what):
        file = inside[name]
        yield file, checked(raw, file, f"{name} of {what}", zipped=False)


def _download(url: str, limit: int, what: str, tell: Tell) -> bytes:
    try:
        with urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310  the catalog's mirrors are https, a test says so
            return _read(response, limit, what, tell)
    except (OSError, HTTPException, ValueError) as error:
        raise DataUnavailable(f"{what}: {getattr(error, 'reason', error)}") from None


def _read(response: HTTPResponse, limit: int, what: str, tell: Tell) -> bytes:
    total = int(response.headers.get("Content-Length", 0))
    content = bytearray()
    tell(Fetched(what, 0, total))
    deadline = time.monotonic() + PATIENCE
    while len(content) < limit and (chunk := response.read1(CHUNK)):  # as it comes, so that the clock is looked at
        content += chunk
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done after {PATIENCE:g} seconds")
        tell(Fetched(what, len(content), total))
    return bytes(content)
