"""Put the published studies of studies/ on the shelf that comes along with the package: `make shelf`."""

from __future__ import annotations

from pathlib import Path

from normlab.archive import check, found
from normlab.archive.shelf import SHELF, written

HOME = Path(__file__).parents[1]


def main() -> None:
    """Judge each again, and write them down."""
    there = found(HOME / "studies")
    for path, publication in there:
        check(publication, str(path.relative_to(HOME)))
    (HOME / "src/normlab/archive" / SHELF).write_text(written(each for _, each in there), encoding="utf-8")


if __name__ == "__main__":
    main()
