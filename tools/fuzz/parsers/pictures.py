"""Pictures: PNG, JPEG, GIF, BMP, TIFF and WebP, as files of one's own images are read."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random
from zlib import crc32

from harness import Parser
from PIL import Image

from normlab.data import pictures
from normlab.data.layouts import Picture
from normlab.data.pictures import BadImage, Form
from normlab.errors import DataError

FORMATS = ("PNG", "PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def seeds() -> list[bytes]:
    """A small picture in each format, in grey, colours and with a palette."""
    made = []
    for kind in FORMATS:
        for mode in ("L", "RGB", "P"):
            file = io.BytesIO()
            picture = Image.linear_gradient("L").resize((12, 9)).convert(mode)
            if kind not in ("JPEG", "PPM") or mode != "P":
                picture.save(file, kind)
                made.append(file.getvalue())
    return made


def dressed(draw: Random, content: bytes) -> bytes:
    """The checksums of a PNG's chunks are put right in most, so that what is behind them is reached."""
    if not content.startswith(SIGNATURE) or draw.random() < 0.2:
        return content
    mended, place = bytearray(SIGNATURE), len(SIGNATURE)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        body = content[place + 4 : place + 8 + length]
        mended += content[place : place + 4] + body + crc32(body).to_bytes(4)
        place += 12 + length
    return bytes(mended)


def read(case: bytes, _: Path) -> object:
    """Its form, and its pixels in another."""
    picture = Picture("a picture", case)
    try:
        with pictures.guarded():
            return pictures.form(picture), pictures.pixels(picture, Form(3, 8, 8)).shape
    except BadImage as error:  # as `prediction.picture` tells it
        raise DataError(str(error)) from None


PARSER = Parser("pictures", seeds, read, dressed)
