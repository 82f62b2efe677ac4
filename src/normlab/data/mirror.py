"""The second way to a data set: the zipped files from a web server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit
from urllib.request import urlopen

from normlab.data.catalog import RawFile
from normlab.data.checksum import checked
from normlab.errors import DataUnavailable
from normlab.events import Fetched, Tell

TIMEOUT = 5.0  # seconds of silence after which the next way is tried
CHUNK = 1 << 16  # bytes between two events


def from_mirror(base: str, files: Sequence[RawFile], tell: Tell) -> Iterator[tuple[RawFile, bytes]]:
    """Each file with its raw, checked bytes, as they arrive; `base` ends in a slash.

    Raises:
        DataUnavailable: the mirror does not answer, or has no such file.
        CorruptData: it answers with other bytes.
    """
    for file in files:
        what = f"{file.name}.gz from {urlsplit(base).netloc}"
        content = _download(f"{base}{file.name}.gz", file.limit, what, tell)
        yield file, checked(content, file, what, zipped=True)


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
    while len(content) < limit and (chunk := response.read(CHUNK)):
        content += chunk
        tell(Fetched(what, len(content), total))
    return bytes(content)
