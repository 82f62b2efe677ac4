"""Parquet: a file with a column of PNGs and one of labels, as Hugging Face's are."""

from __future__ import annotations

import io
from pathlib import Path

from harness import Parser
from PIL import Image

from normlab.data.layouts import parquet


def seeds() -> list[bytes]:
    """Plain, dictionary-coded and compressed files of six images."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    png = io.BytesIO()
    Image.new("L", (3, 4), 7).save(png, "PNG")
    images = [{"bytes": png.getvalue(), "path": f"{n}.png"} for n in range(6)]
    table = pa.table({"image": images, "label": [0, 1, 2, 0, 1, 2]})
    made = []
    for how, shared in (("none", False), ("snappy", True), ("zstd", True)):
        file = io.BytesIO()
        pq.write_table(table, file, compression=how, use_dictionary=shared)
        made.append(file.getvalue())
    return made


def read(case: bytes, folder: Path) -> int:
    """All pictures, undecoded, and labels."""
    path = folder / "train.parquet"
    path.write_bytes(case)
    found = parquet.recognise(path)
    parts = found.parts.values() if found else ()
    return sum(len(part.labels()) + sum(len(some) for some in part.chunks()) for part in parts)


PARSER = Parser("Parquet", seeds, read)
