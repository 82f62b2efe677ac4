"""From files to pixels: modes, orientation, sizes, and what is wrong with a file."""

import io
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from normlab.data import pictures
from normlab.data.layouts import Picture
from normlab.data.pictures import BadImage, Form

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
COLOUR = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)


def picture(image: Image.Image, kind: str = "PNG", **options: object) -> Picture:
    """An image as a file of a format."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return Picture("mine", stream.getvalue())


MODES = {
    "grey": (Image.fromarray(GREY), 1, GREY[None]),
    "colour": (Image.fromarray(COLOUR), 3, COLOUR.transpose(2, 0, 1)),
    "palette": (Image.fromarray(COLOUR // 64 * 64).quantize(256), 3, (COLOUR // 64 * 64).transpose(2, 0, 1)),
    "grey palette": (Image.fromarray(GREY).convert("P"), 1, GREY[None]),
    "grey and alpha": (Image.fromarray(GREY).convert("LA"), 1, GREY[None]),
    "colour and alpha": (Image.fromarray(COLOUR).convert("RGBA"), 3, COLOUR.transpose(2, 0, 1)),
    "16 bits": (Image.fromarray(GREY.astype(np.uint16) * 257), 1, GREY[None]),
    "1 bit": (Image.fromarray(GREY > 100), 1, (GREY > 100)[None] * np.uint8(255)),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_its_own_pixels(mode: str) -> None:
    """In grey or colours as the header says, and in colours where others have some."""
    image, channels, wanted = MODES[mode]
    file = picture(image)
    assert pictures.form(file) == Form(channels, 6, 8)
    np.testing.assert_array_equal(pictures.pixels(file, Form(channels, 6, 8)), wanted)
    np.testing.assert_array_equal(pictures.pixels(file, Form(3, 6, 8)), np.broadcast_to(wanted, (3, 6, 8)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photograph_is_turned_upright(kind: str) -> None:
    """By its EXIF data: 6 says that it was held on its right side."""
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6
    file = picture(Image.fromarray(GREY), kind, exif=exif)
    assert pictures.form(file) == Form(1, 8, 6)
    turned = pictures.pixels(file, Form(1, 8, 6)).astype(int)
    assert np.abs(turned[0] - np.rot90(GREY, -1).astype(int)).max() <= (0 if kind == "PNG" else 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_followed(orientation: int) -> None:
    """As Pillow's own way does, which also writes the rest of the EXIF data."""
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = orientation
    file = picture(Image.fromarray(GREY), exif=exif)
    wanted = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file.content))))  # type: ignore[arg-type]
    form = pictures.form(file)
    assert (form.height, form.width) == wanted.shape
    np.testing.assert_array_equal(pictures.pixels(file, form)[0], wanted)


def test_exif_data_that_is_damaged_spoils_no_image() -> None:
    """Its orientation is followed where it can be read; what else it says is left alone."""
    exif = Image.Exif()
    exif[pictures.ORIENTATION], exif[0x011A] = 6, 72.0
    file = picture(Image.fromarray(GREY), "JPEG", exif=exif)
    whole = pictures.pixels(file, Form(1, 8, 6))
    content = bytearray(file.content)  # type: ignore[arg-type]
    start = content.index(b"Exif")
    end = start - 2 + int.from_bytes(content[start - 2 : start])
    for place, value in product(range(start + 6, end), (0, 2, 7, 255)):
        damaged = Picture("mine", bytes(content[:place] + bytes([value]) + content[place + 1 :]))
        with pictures.guarded():
            form = pictures.form(damaged)
            seen = pictures.pixels(damaged, form)
        assert form in (Form(1, 8, 6), Form(1, 6, 8))
        assert sorted(seen.reshape(-1)) == sorted(whole.reshape(-1))


def test_resizing_keeps_proportions() -> None:
    """The middle square is scaled: bars at the left and right edges of a wide image are cut off."""
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 5:25] = 200
    resized = pictures.pixels(picture(Image.fromarray(wide)), Form(1, 5, 5))
    assert resized.shape == (1, 5, 5)
    assert (resized == 200).all()
    np.testing.assert_array_equal(pictures.resized(wide[None], Form(1, 5, 5)), resized)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"hello, this is text", "no image"),
        (picture(Image.fromarray(COLOUR)).content[:100], "broken"),
        (Path("/nowhere/at/all.png"), "not there"),
    ],
    ids=["empty", "text", "truncated", "missing"],
)
def test_what_is_wrong_with_a_file_is_said(content: bytes | Path, why: str) -> None:
    """In a word or two."""
    with pytest.raises(BadImage, match=why):
        pictures.pixels(Picture("mine", content), Form(1, 6, 8))


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's warning of an image that is larger than any is meant to be stays an error."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    with pictures.guarded(), pytest.raises(BadImage, match="huge"):
        pictures.form(picture(Image.fromarray(GREY)))
