import gzip
import socket

import pytest

from normlab.data import mirror
from normlab.data.entry import Mirror
from normlab.data.mirror import from_mirror
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Fetched, silent


def test_every_file_comes_checked_and_in_order(serve, tiny) -> None:
    """A mirror that has the zipped files gives their raw bytes."""
    site = serve()
    site.offer(tiny.raw)
    brought = {file.name: content for file, content in from_mirror(Mirror(site.url), tiny.entry.files, silent)}
    assert brought == tiny.raw
    assert site.asked == [f"/{name}.gz" for name in tiny.raw]


def test_progress_counts_up_to_the_promised_length(serve, tiny) -> None:
    """The listener hears the bytes so far, all bytes, and what is being fetched."""
    site, heard = serve(), []
    site.offer(tiny.raw)
    file = tiny.entry.files[0]
    list(from_mirror(Mirror(site.url), [file], heard.append))
    size = len(site.bodies[f"/{file.name}.gz"])
    what = f"{file.name}.gz from {site.url[7:-1]}"
    assert heard == [Fetched(what, 0, size), Fetched(what, size, size)]


def test_a_body_cut_short_is_refused(serve, tiny) -> None:
    """A connection that ends before the promised length gives CorruptData, not a short file."""
    site = serve()
    site.offer(tiny.raw)
    path = f"/{tiny.entry.files[0].name}.gz"
    site.promised[path] = len(site.bodies[path])
    site.bodies[path] = site.bodies[path][:-9]
    with pytest.raises(CorruptData, match="expected a whole gzip file"):
        list(from_mirror(Mirror(site.url), tiny.entry.files, silent))


def test_wrong_bytes_are_refused(serve, tiny) -> None:
    """A whole gzip file with another content gives CorruptData with both digests."""
    site = serve()
    site.offer(dict.fromkeys(tiny.raw, b"something else"))
    with pytest.raises(CorruptData, match=f"expected SHA-256 {tiny.entry.files[0].sha256}, got "):
        list(from_mirror(Mirror(site.url), tiny.entry.files, silent))


def test_a_body_without_end_is_not_read_to_the_end(serve, tiny) -> None:
    """Reading stops at the file's limit, however much the server sends."""
    site, heard = serve(), []
    file = tiny.entry.files[0]
    site.bodies[f"/{file.name}.gz"] = gzip.compress(tiny.raw[file.name]) + bytes(8 << 20)
    list(from_mirror(Mirror(site.url), [file], heard.append))
    assert heard[-1].done_bytes < 2 * file.limit


def test_a_missing_file_is_a_reason(serve, tiny) -> None:
    """404 gives DataUnavailable with the server's word for it."""
    with pytest.raises(DataUnavailable, match="Not Found"):
        list(from_mirror(Mirror(serve().url), tiny.entry.files, silent))


def test_a_closed_port_is_a_reason(tiny) -> None:
    """A server that is not there gives DataUnavailable with the system's reason."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DataUnavailable, match="Connection refused"):
        list(from_mirror(Mirror(f"http://127.0.0.1:{port}/"), tiny.entry.files, silent))


def test_a_server_that_speaks_no_http_is_a_reason(tiny) -> None:
    """Bytes that are no HTTP answer give DataUnavailable, not a traceback."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"hello\r\n\r\n")

        Thread(target=answer, daemon=True).start()
        with pytest.raises(DataUnavailable):
            list(from_mirror(Mirror(f"http://127.0.0.1:{server.getsockname()[1]}/"), tiny.entry.files, silent))


@pytest.mark.timeout(20)
def test_a_server_that_is_never_silent_and_never_done_is_given_up(serve, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it sends a byte: a download has a deadline."""
    site, file = serve(), tiny.entry.files[0]
    site.offer(tiny.raw)
    monkeypatch.setattr(mirror, "PATIENCE", -1.0)
    with pytest.raises(DataUnavailable, match="not done after -1 seconds"):
        list(from_mirror(Mirror(site.url), [file], silent))
