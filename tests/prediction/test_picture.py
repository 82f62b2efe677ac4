from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from normlab.data import Dataset, load
from normlab.errors import DataError
from normlab.prediction import as_trained, picture

SHADES = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    """MNIST."""
    return load("mnist")


def digit(data: Dataset, index: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return data.test_images[index, 0]


def test_an_image_of_the_data_set_passes_unchanged(digits: Dataset, tmp_path: Path) -> None:
    """A PNG of a test image is that image, and there is nothing to say of it."""
    Image.fromarray(digit(digits, 0)).save(tmp_path / "seven.png")
    made = picture(tmp_path / "seven.png", digits)
    assert (made.pixels[0] == digit(digits, 0)).all()
    assert made.notes == ()


def test_a_digit_on_paper_is_turned_light_for_dark(digits: Dataset, tmp_path: Path) -> None:
    """Inverted, in colour and with an alpha channel, it comes back, and that it was inverted is said."""
    paper = Image.fromarray(255 - digit(digits, 0)).convert("RGBA")
    paper.save(tmp_path / "seven.png")
    made = picture(tmp_path / "seven.png", digits)
    assert np.abs(made.pixels[0].astype(int) - digit(digits, 0)).max() <= 1
    assert any("inverted" in note for note in made.notes)


@pytest.mark.parametrize("index", range(6))
def test_a_photograph_is_cut_and_centred_as_the_training_images_are(
    digits: Dataset, tmp_path: Path, index: int
) -> None:
    """Ten times larger, off centre, on grey paper with noise, as JPEG: nearly the image that it was made of."""
    large = np.asarray(Image.fromarray(digit(digits, index)).resize((280, 280), Image.Resampling.BICUBIC), np.float64)
    page = np.full((600, 500), 215.0)
    page[250:530, 60:340] -= large * 0.75
    page += np.random.default_rng(index).normal(0, 4, page.shape)
    path = tmp_path / "photo.jpg"
    Image.fromarray(page.clip(0, 255).astype(np.uint8)).save(path)
    made = picture(path, digits)
    kept = np.corrcoef(made.pixels[0].ravel(), digit(digits, index).ravel())[0, 1]
    assert kept > 0.85
    assert len(made.notes) == 2


def test_a_photograph_lies_as_its_camera_held_it(digits: Dataset, tmp_path: Path) -> None:
    """The orientation in EXIF is followed."""
    turned = Image.fromarray(digit(digits, 0)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.png", exif=exif)
    assert (picture(tmp_path / "turned.png", digits).pixels[0] == digit(digits, 0)).all()


def test_an_empty_page_is_an_empty_image(digits: Dataset, tmp_path: Path) -> None:
    """No ink is no error, and is said."""
    Image.new("L", (300, 200), 230).save(tmp_path / "page.png")
    made = picture(tmp_path / "page.png", digits)
    assert not made.pixels.any()
    assert made.notes[-1] == "nothing was found on it"


def test_paper_in_the_dark_is_paper(digits: Dataset, tmp_path: Path) -> None:
    """A grey page with darker ink on it is inverted, though its grey is nearer to black."""
    page = np.full((400, 400), 110.0)
    page[60:340, 60:340] -= np.asarray(Image.fromarray(digit(digits, 0)).resize((280, 280)), np.float64) * 0.35
    page += np.random.default_rng(0).normal(0, 2, page.shape)
    Image.fromarray(page.clip(0, 255).astype(np.uint8)).save(tmp_path / "dark.png")
    made = picture(tmp_path / "dark.png", digits)
    assert "inverted" in made.notes[0]
    assert np.corrcoef(made.pixels[0].ravel(), digit(digits, 0).ravel())[0, 1] > 0.8


def test_clothes_fill_their_images_and_are_not_cut(tmp_path: Path) -> None:
    """Where training images reach their border a picture is resized and no more, and that is said."""
    clothes = load("fashion-mnist")
    large = Image.fromarray(clothes.test_images[0, 0]).resize((280, 280), Image.Resampling.NEAREST)
    large.save(tmp_path / "boot.png")
    made = picture(tmp_path / "boot.png", clothes)
    assert (made.pixels[0] == clothes.test_images[0, 0]).all()
    assert made.notes == ("280×280 resized to 28×28",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "not there"),
        (b"", "empty"),
        (b"some text", "no image"),
        ("half", "broken"),
        ("bomb", "huge: more than 10,000 pixels"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(
    digits: Dataset, tmp_path: Path, content: bytes | str | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, empty, text, truncated, and so large that it would fill the memory."""
    path = tmp_path / "x.png"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8)).save(path)
        if content == "half":
            path.write_bytes(path.read_bytes()[:9000])
        else:
            monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    for read in (picture, as_trained):
        with pytest.raises(DataError, match=why) as raised:
            read(path, digits)
        assert "\n" not in str(raised.value)


FILES = {
    "grey": Image.fromarray(SHADES[..., 0]),
    "colours": Image.fromarray(SHADES[..., :3]),
    "alpha": Image.fromarray(SHADES),
    "grey and alpha": Image.fromarray(SHADES[..., :2], "LA"),
    "palette": Image.fromarray(SHADES[..., :3]).quantize(64),
    "16 bits": Image.fromarray(SHADES[..., 0].astype(np.uint16) * 200),
}


@pytest.mark.parametrize("asked", ["", "?resize=12", "?grey", "?resize=12&grey"])
def test_a_file_that_was_trained_on_is_what_the_network_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Whatever its colours, its size and how it was held: the very same pixels, light or dark."""
    monkeypatch.setenv("NORMLAB_DATA", str(tmp_path / "cache"))
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = []
    for number, image in enumerate(FILES.values()):
        for label in ("cat", "dog"):
            paths.append(tmp_path / "photos" / label / f"{number}.png")
            paths[-1].parent.mkdir(parents=True, exist_ok=True)
            image.save(paths[-1], exif=exif)
    data = load(f"{tmp_path / 'photos'}{asked}")
    seen = {image.tobytes() for image in np.concatenate([data.train_images, data.test_images])}
    for path in paths:
        made = as_trained(path, data)
        assert made.pixels.shape == data.train_images.shape[1:]
        assert made.pixels.tobytes() in seen
        assert made.notes == (("20×30 resized to 12×12",) if "resize" in asked else ())


@pytest.mark.parametrize("orientation", [1, 6])
def test_damaged_exif_data_spoils_no_picture(digits: Dataset, tmp_path: Path, orientation: int) -> None:
    """What cannot be written back is not written: the orientation alone counts."""
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = orientation, 72.0
    whole = io.BytesIO()
    Image.fromarray(digit(digits, 0)).save(whole, "JPEG", exif=exif)
    content = bytearray(whole.getvalue())
    content[content.index(b"Exif") + 6 + 8 + 2 + 12 + 3] = 7  # the type of the second entry
    (tmp_path / "x.jpg").write_bytes(content)
    assert picture(tmp_path / "x.jpg", digits).pixels.any()
