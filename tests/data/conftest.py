"""A tiny data set, and real places it can come from: a folder, a web server, a package index."""

import gzip
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from normlab.data import cache, idx
from normlab.data.catalog import idx_file
from normlab.data.entry import Archive, Entry, Mirror

SHAPES = {
    "train-images-idx3-ubyte": (6, 4, 5),
    "train-labels-idx1-ubyte": (6,),
    "t10k-images-idx3-ubyte": (3, 4, 5),
    "t10k-labels-idx1-ubyte": (3,),
}


@dataclass(frozen=True)
class Tiny:
    """An entry of the catalog and its four files' raw bytes by name."""

    entry: Entry
    raw: dict[str, bytes]

    def with_ways(self, *, mirrors: tuple[str, ...] = (), archives: tuple[Archive, ...] = ()) -> "Tiny":
        """The same files, to be had elsewhere."""
        return replace(self, entry=replace(self.entry, ways=(*map(Mirror, mirrors), *archives)))

    def put(self, folder: Path) -> None:
        """Lay the plain files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.raw.items():
            (folder / name).write_bytes(content)


@pytest.fixture
def tiny() -> Tiny:
    """Nine images of 4×5 with no mirror and no archive."""
    rng = np.random.default_rng(0)
    raw = {name: idx.header(shape) + rng.bytes(int(np.prod(shape))) for name, shape in SHAPES.items()}
    files = [idx_file(name, SHAPES[name], hashlib.sha256(raw[name]).hexdigest()) for name in SHAPES]
    train, test = tuple(files[:2]), tuple(files[2:])
    entry = Entry("tiny", "noise", "idx", ("Tiny/raw",), train, test, (), ("a", "b"), (0.5,), (0.25,))
    return Tiny(entry, raw)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that NORMLAB_DATA names."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder


@dataclass
class Site:
    """A web server: `bodies` maps paths to what is sent, `promised` to a Content-Length that is not the true one."""

    url: str
    bodies: dict[str, bytes]
    promised: dict[str, int]
    asked: list[str]

    def offer(self, raw: dict[str, bytes]) -> None:
        """Have these files, zipped."""
        self.bodies.update({f"/{name}.gz": gzip.compress(content) for name, content in raw.items()})


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Site]]:
    """Starts web servers on this machine, which no proxy of the user's stands before."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[ThreadingHTTPServer] = []

    def start() -> Site:
        site = Site("", {}, {}, [])
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
        site.url = f"http://127.0.0.1:{server.server_port}/"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return site

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            body = site.bodies.get(self.path)
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(site.promised.get(self.path, len(body))))
            self.end_headers()
            with suppress(ConnectionError):  # the reader may hang up when it has enough
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing on stderr."""

    return Handler


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, bytes]], Archive]:
    """Puts a wheel with these members where pip looks: a folder instead of an index."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    def put(members: dict[str, bytes]) -> Archive:
        wheel = shelf / "tinydata-1.0-py3-none-any.whl"
        about = {
            "tinydata-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinydata\nVersion: 1.0\n",
            "tinydata-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "tinydata-1.0.dist-info/RECORD": b"",
        }
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in {**members, **about}.items():
                opened.writestr(name, content)
        return Archive("tinydata==1.0", hashlib.sha256(wheel.read_bytes()).hexdigest(), "tinydata/files")

    return put
