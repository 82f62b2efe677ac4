"""Images of a place: decoded once, found again, decoded anew where they changed, and whole or not there."""

import errno
import os
import resource
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from own_images import noise, save, write_folders

from normlab.data import About, about, load, places
from normlab.errors import DataError, SpecError, UnknownName
from normlab.events import Decoded, Event
from normlab.spec.images import Images


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of grey images in three classes, and in both splits."""
    return write_folders(tmp_path / "photos", noise())


pytestmark = pytest.mark.usefixtures("root")


def test_folders_become_the_arrays_that_they_were_made_of(place: Path) -> None:
    """Pixels to the bit, classes by name, mean and std of the training images; nobody can write to them."""
    data, arrays = load(str(place)), noise()
    by_class = np.argsort(arrays.train_labels, kind="stable")
    np.testing.assert_array_equal(data.train_images, arrays.train[by_class])
    np.testing.assert_array_equal(data.train_labels, arrays.train_labels[by_class])
    np.testing.assert_array_equal(data.test_labels, [0, 0, 1, 1, 2, 2])
    assert (data.name, data.classes) == ("photos", ("class 0", "class 1", "class 2"))
    assert data.mean == pytest.approx((arrays.train.mean() / 255,), abs=1e-5)
    assert data.std == pytest.approx((arrays.train.std() / 255,), abs=1e-5)
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        assert not array.flags.writeable
    assert about(str(place)) == About(data.digest, (1, 8, 10), data.classes)


def test_what_is_decoded_is_not_decoded_again(place: Path) -> None:
    """Progress is told the first time; the second time there is nothing to tell."""
    told: list[Event] = []
    first = load(str(place), told.append)
    assert told[-1] == Decoded("photos: images", 18, 18)
    told.clear()
    assert load(str(place), told.append).digest == first.digest
    assert told == []


def test_an_image_that_changes_is_decoded_anew_and_is_another_content(place: Path) -> None:
    """The fingerprint is one of names, sizes and times, the digest one of pixels and labels."""
    before = load(str(place)).digest
    save(place / "train" / "class 0" / "000.png", np.zeros((1, 8, 10), np.uint8))
    assert load(str(place)).digest != before


def test_a_name_of_a_class_that_changes_is_told(tmp_path: Path) -> None:
    """Though no image has changed: CIFAR's names stand in a file of their own."""
    labels = np.zeros((4, 1), np.uint8) + np.arange(4, dtype=np.uint8)[:, None] % 2
    records = np.hstack([labels, np.zeros((4, 3072), np.uint8)]).tobytes()
    for name in ("data_batch_1.bin", "test_batch.bin"):
        (tmp_path / name).write_bytes(records)
    for names in (("airplane", "bird"), ("Flugzeug", "Vogel")):
        (tmp_path / "batches.meta.txt").write_text("\n".join(names))
        assert load(str(tmp_path)).classes == names


def test_what_is_to_be_known_of_a_place_is_told_when_it_changes(place: Path) -> None:
    """Images without a class appear beside those that have one, which have not changed."""
    shutil.rmtree(place / "test")
    before = load(str(place)).notes
    (place / "test").mkdir()
    save(place / "test" / "1.png", np.zeros((1, 8, 10), np.uint8))
    assert load(str(place)).notes == ("its folder test has images without a class, which are not used", *before)


def test_the_same_images_elsewhere_are_the_same_content(place: Path, tmp_path: Path) -> None:
    """Neither the path nor the names of the files are a part of it."""
    before = load(str(place)).digest
    elsewhere = shutil.copytree(place, tmp_path / "elsewhere")
    for path in elsewhere.rglob("*.png"):
        path.rename(path.with_name(f"copy-{path.name}"))
    assert load(str(elsewhere)).digest == before


def test_a_cache_that_was_cut_short_is_made_anew(place: Path, root: Path) -> None:
    """Whatever is wrong with it: a manifest that is none, images that are not all there."""
    before = load(str(place)).train_images.copy()
    (folder,) = (root / "decoded").iterdir()
    for damage in ("train.images", "test.labels", "manifest.json"):
        (folder / damage).write_bytes(b"short")
        np.testing.assert_array_equal(load(str(place)).train_images, before)


def test_an_interruption_leaves_nothing(place: Path, root: Path) -> None:
    """Ctrl-C in the middle: no folder, and the next time all is decoded."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Decoded) and "images" in event.what and event.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(str(place), interrupt)
    assert list((root / "decoded").iterdir()) == []
    assert len(load(str(place)).train_images) == 12


def test_two_processes_may_decode_the_same(place: Path, root: Path) -> None:
    """The second finishes while the first is at work, also where what was there before is not whole."""
    again = []

    def meanwhile(event: Event) -> None:
        if isinstance(event, Decoded) and "images" in event.what and event.done == event.total and not again:
            again.append(load(str(place)))

    for damage in ("nothing", "manifest.json"):
        again.clear()
        for manifest in (root / "decoded").glob(f"*/{damage}"):
            manifest.unlink()
        first = load(str(place), meanwhile)
        np.testing.assert_array_equal(first.train_images, again[0].train_images)
        assert len([*(root / "decoded").iterdir()]) == 1


def test_what_another_process_is_finishing_is_left_alone(place: Path, root: Path) -> None:
    """It may be gone by the time that it is looked at, as what a link without an end leads to is."""
    (root / "decoded").mkdir()
    (root / "decoded" / ".decoded.0123abcd.part").symlink_to(root / "gone")
    assert len(load(str(place)).train_images) == 12


def test_images_of_several_sizes_ask_for_one(place: Path) -> None:
    """The error counts them; with a size all have it."""
    save(place / "train" / "class 1" / "more.png", np.zeros((1, 20, 20), np.uint8))
    with pytest.raises(DataError, match=r"got 10×8 \(18\), 20×20 \(1\); --resize N makes all N×N"):
        load(str(place))
    assert load(f"{place}?resize=6").train_images.shape == (13, 1, 6, 6)


def test_no_header_is_read_where_the_form_is_asked_for(place: Path) -> None:
    """Grey and N×N is what all become, whatever they are: each file is read once."""
    told: list[Event] = []
    assert load(f"{place}?resize=6&grey", told.append).train_images.shape == (12, 1, 6, 6)
    assert {event.what for event in told if isinstance(event, Decoded)} == {"photos: images"}


def test_one_image_in_colours_makes_all_of_them_so(place: Path) -> None:
    """Unless grey is asked for."""
    save(place / "train" / "class 1" / "more.png", np.zeros((3, 8, 10), np.uint8))
    data = load(str(place))
    assert data.train_images.shape == (13, 3, 8, 10)
    np.testing.assert_array_equal(data.train_images[0, 0], data.train_images[0, 2])
    assert load(f"{place}?grey").train_images.shape == (13, 1, 8, 10)


def test_bad_images_are_counted_and_can_be_skipped(place: Path) -> None:
    """Broken headers and broken pixels in one line; the rest stays paired with its labels."""
    first, second = place / "train" / "class 0" / "000.png", place / "train" / "class 2" / "005.png"
    first.write_bytes(b"")
    second.write_bytes(second.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"2 of 18 images cannot be read: .*000.png \(empty\).*--bad-images skip"):
        load(str(place))
    data = load(f"{place}?skip-bad")
    assert np.bincount(data.train_labels).tolist() == [3, 4, 3]
    by_class = np.argsort(noise().train_labels, kind="stable")
    np.testing.assert_array_equal(data.train_images, noise().train[np.delete(by_class, [0, 9])])
    assert "2 of 18 images cannot be read" in places.place(Images(f"{place}", skip_bad=True)).manifest.notes[0]


@pytest.mark.parametrize(
    ("lost", "problem"),
    [
        ("train/class 0", "the class 'class 0' has images to be judged by, and none to learn it from"),
        ("*/class 2", "expected images of every class, got none of 'class 2'"),
        ("test/*", "expected images to be judged by, got none"),
        ("*/*", "got none"),
    ],
)
@pytest.mark.parametrize("left", [0, 60], ids=["no header", "no pixels"])
def test_skipping_bad_images_loses_no_class_and_no_split(place: Path, lost: str, problem: str, left: int) -> None:
    """What is left must be a study, which is told before anything is trained."""
    for path in place.glob(f"{lost}/*.png"):
        path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DataError, match=problem):
        load(f"{place}?skip-bad")


def test_arrays_are_resized_and_greyed_as_files_are(tmp_path: Path) -> None:
    """The same pixels in another layout come out the same."""
    arrays = noise(3)
    write_folders(tmp_path / "files", arrays)
    saved = {
        "x_train": arrays.train,
        "y_train": arrays.train_labels,
        "x_test": arrays.test,
        "y_test": arrays.test_labels,
    }
    np.savez(tmp_path / "arrays.npz", **saved)
    files, stored = load(f"{tmp_path}/files?resize=5&grey"), load(f"{tmp_path}/arrays.npz?resize=5&grey")
    order = np.argsort(arrays.test_labels, kind="stable")
    np.testing.assert_array_equal(files.test_images, stored.test_images[order])


def test_a_full_disk_is_told_before_anything_is_decoded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much is needed, how much there is, and the ways out."""
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(DataError, match=r"has 0\.0 GB free; make room, set NORMLAB_DATA"):
        load(str(place))


def test_names_go_before_places_and_unknown_ones_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder called like a data set is given by its path; a word that is neither is an unknown data set."""
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path / "mnist", noise())
    write_folders(tmp_path / "photos", noise())
    assert about("mnist").shape == (1, 28, 28)
    assert about("./mnist").shape == about("photos").shape == (1, 8, 10)
    with pytest.raises(UnknownName, match="did you mean mnist"):
        load("mnits")
    with pytest.raises(UnknownName):
        load("x" * 300)
    for name in ("phots", "Photos", "photo"):
        with pytest.raises(UnknownName, match="did you mean photos"):
            about(name)
        with pytest.raises(DataError, match=r"there is no such file or folder; did you mean photos\?"):
            about(f"./{name}")
    with pytest.raises(DataError, match="there is no such file or folder"):
        load("./nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "photos?resize",
        "~nobody-of-this-name/photos",
        "photos?resize=0",
        "photos?resize=big",
        "photos?gray",
        "mnist?grey",
    ],
)
def test_a_word_behind_the_question_mark_is_checked(text: str) -> None:
    """And a data set with a name is read as it is; a user whose folder is meant must be there."""
    with pytest.raises(SpecError, match="dataset: "):
        load(text)


def test_a_disk_that_is_full_after_all_is_told(place: Path, root: Path) -> None:
    """One line, and nothing is left of what was begun."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))  # of 960 bytes of training images
    try:
        with pytest.raises(DataError, match=r"cannot write .*train\.images: File too large; make room"):
            load(str(place))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((root / "decoded").iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_is_no_image_that_cannot_be_read(
    place: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Wherever it comes from: what is full is told, and the way out."""

    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(places, "decoded", full)
    with pytest.raises(DataError, match=r"^cannot write .*decoded.*: .*; make room or set NORMLAB_DATA to a folder"):
        load(str(place))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_what_others_could_have_decoded_is_decoded_again(place: Path, root: Path) -> None:
    """In a folder of our own where all may write to the shared one; images that all may write are not used either."""
    load(str(place))
    (decoded,) = (root / "decoded").iterdir()
    assert decoded.stat().st_mode & 0o777 == 0o700
    (decoded / "train.images").write_bytes(bytes((decoded / "train.images").stat().st_size))
    (decoded / "train.images").chmod(0o666)
    assert load(str(place)).train_images.any()
    (root / "decoded").chmod(0o777)
    assert load(str(place)).train_images.any()
    assert len([*(root / f"decoded-{os.geteuid()}").iterdir()]) == 1
    (root / f"decoded-{os.geteuid()}").chmod(0o777)
    with pytest.raises(DataError, match="NORMLAB_DATA"):
        load(str(place))
