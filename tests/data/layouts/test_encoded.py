"""Layouts that have images as files: which they are, in which order, and what is refused."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from own_images import noise, save, write_folders
from PIL import Image

from normlab.data import load
from normlab.data.layouts import Encoded, Found, parquet, recognise
from normlab.errors import CorruptData, DataError


def names(found: Found, split: str) -> list[str]:
    """What the images of a split are called."""
    part = found.parts[split]  # type: ignore[index]
    assert isinstance(part, Encoded)
    found_names = [picture.name for some in part.chunks() for picture in some]
    assert len(found_names) == len(part)
    return found_names


def test_a_folder_is_a_class(tmp_path: Path) -> None:
    """Without splits, all images are there to be trained on, class by class by their paths."""
    write_folders(tmp_path, noise(classes=2), split=False)
    found = recognise(tmp_path)
    assert (found.layout, [*found.parts]) == ("image folders", ["train"])
    assert names(found, "train")[:5] == [*(f"class 0/{n:03}.png" for n in (0, 2, 4, 6)), "class 1/001.png"]
    assert found.parts["train"].labels().tolist() == ["class 0"] * 4 + ["class 1"] * 4


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "testing")])
def test_splits_are_known_by_their_names(tmp_path: Path, train: str, test: str) -> None:
    """Also where an archive was unpacked into a folder of its own."""
    top = write_folders(tmp_path / "mine" / "archive" / "digits", noise())
    (top / "train").rename(top / train)
    (top / "test").rename(top / test)
    found = recognise(tmp_path / "mine")
    assert set(found.parts) == {"train", "test"}
    assert names(found, "test")[0] == f"{test}/class 0/000.png"


def test_a_class_may_be_called_as_a_split_is(tmp_path: Path) -> None:
    """Buses, cars and trains: what has images right in it, beside other classes, is no split."""
    names_ = ("bus", "car", "test", "train")
    for name in names_:
        (tmp_path / name).mkdir()
        save(tmp_path / name / "1.png", noise().train[0])
    found = recognise(tmp_path)
    assert [*found.parts] == ["train"]
    assert found.parts["train"].labels().tolist() == [*names_]


def test_a_misspelt_split_is_no_class(tmp_path: Path) -> None:
    """Else `trian` and `test` would be two classes, and all their classes one."""
    write_folders(tmp_path, noise())
    (tmp_path / "train").rename(tmp_path / "trian")
    with pytest.raises(DataError, match=r"expected a folder train beside test, got trian; did you mean train\?"):
        recognise(tmp_path)


def test_no_folder_of_images_is_passed_over_in_silence(tmp_path: Path) -> None:
    """Two folders of one split are refused, and one that is no split is told."""
    write_folders(tmp_path / "mine", noise())
    shutil.copytree(tmp_path / "mine" / "test", tmp_path / "mine" / "tset")
    (tmp_path / "mine" / "notes").mkdir()
    assert recognise(tmp_path / "mine").notes == ("its folders beside the splits are not used: tset",)
    assert load(str(tmp_path / "mine")).notes == ("its folders beside the splits are not used: tset",)
    (tmp_path / "mine" / "tset").rename(tmp_path / "mine" / "Testing")
    with pytest.raises(DataError, match="one folder for each split, got Testing and test; put them together"):
        recognise(tmp_path / "mine")


def test_splits_without_classes_are_none(tmp_path: Path) -> None:
    """Images right in `train` and `test`, and no other class beside, say nothing of what is on them."""
    for name in ("train", "test", "notes"):
        (tmp_path / "mine" / name).mkdir(parents=True)
    for name in ("train", "test"):
        save(tmp_path / "mine" / name / "1.png", noise().train[0])
    with pytest.raises(DataError, match="got a folder with 3 folders"):
        recognise(tmp_path / "mine")


def test_hidden_files_are_passed_over_and_deeper_ones_belong_to_the_class(tmp_path: Path) -> None:
    """What systems and editors leave behind is no image; a folder in a class's folder is the class's."""
    write_folders(tmp_path, noise(classes=2), split=False)
    deeper = tmp_path / "class 1" / "more" / "9.png"
    deeper.parent.mkdir()
    save(deeper, noise().train[0])
    for name in (".DS_Store", "._000.png", "Thumbs.db", "readme.txt"):
        (tmp_path / "class 0" / name).write_text("nothing")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "logo.png").touch()
    found = recognise(tmp_path)
    assert len(names(found, "train")) == 9
    assert names(found, "train")[-1] == "class 1/more/9.png"
    assert set(found.parts["train"].labels()) == {"class 0", "class 1"}


def test_an_image_beside_the_classes_is_refused(tmp_path: Path) -> None:
    """Nobody can tell what it is."""
    write_folders(tmp_path, noise(), split=False)
    save(tmp_path / "loose.png", noise().train[0])
    with pytest.raises(DataError, match=r"loose\.png: an image beside the folders of the classes has no class"):
        recognise(tmp_path)


def test_test_images_without_classes_are_said_not_to_be_used(tmp_path: Path) -> None:
    """As contests give them out: nobody can judge by them."""
    write_folders(tmp_path / "train", noise(), split=False)
    (tmp_path / "test").mkdir()
    save(tmp_path / "test" / "1.png", noise().test[0])
    found = recognise(tmp_path)
    assert [*found.parts] == ["train"]
    assert found.notes == ("its folder test has images without a class, which are not used",)


def test_a_table_says_path_label_and_split(tmp_path: Path) -> None:
    """Columns are known by their names in any case; paths start at the table's folder."""
    write_folders(tmp_path, noise(classes=2), split=False)
    rows = [
        "Filename,Class,Split",
        "class 0/000.png,cat,train",
        "./class 1/001.png,dog,train",
        "class 0/002.png,cat,test",
    ]
    (tmp_path / "all.csv").write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    found = recognise(tmp_path / "all.csv")
    assert names(found, "train") == ["class 0/000.png", "class 1/001.png"]
    assert found.parts["train"].labels().tolist() == ["cat", "dog"]
    assert names(found, "test") == ["class 0/002.png"]
    assert found.notes == ()


def test_absolute_paths_in_a_table_are_said(tmp_path: Path) -> None:
    """They are read where they point to, and people are told."""
    (tmp_path / "all.tsv").write_text(f"path\tlabel\n{tmp_path}/a.png\tcat\n")
    assert recognise(tmp_path / "all.tsv").notes == ("1 paths are absolute and read where they point to",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("path,label\n../secret.png,cat\n", "leads out of the table's folder"),
        ("path,label\na/../../secret.png,cat\n", "leads out of the table's folder"),
        ("path,label\na.png\n", "line 2: expected a path and a label, got 'a.png' and None"),
        ("path,label\n", "a header alone"),
        ("picture,label\n", r"expected a column called path, .* got \['picture', 'label'\]"),
        ("path,label,split\na.png,cat,somewhere\n", "as the split, got 'somewhere'"),
        ("", "got \\[\\]"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """With its line, and what was expected there."""
    (tmp_path / "all.csv").write_text(text)
    with pytest.raises(DataError, match=problem):
        recognise(tmp_path / "all.csv")


def png(image: np.ndarray) -> bytes:
    """A grey image (H, W) as PNG."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def write_parquet(path: Path, images: list[bytes], labels: list[object], names_: list[str]) -> None:
    """As `datasets` writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"bytes": image, "path": None} for image in images]
    table = pa.table({"image": rows, "label": labels})
    features = {"info": {"features": {"label": {"names": names_, "_type": "ClassLabel"}}}}
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(features)}), path)


@pytest.mark.parametrize("nested", [False, True])
def test_parquet_is_read_with_the_names_of_its_classes(tmp_path: Path, nested: bool) -> None:
    """Shards in their order; the split by the name of the file or of its folder."""
    images = [png(image[0]) for image in noise().train]
    for number in range(2):
        name = f"train/000{number}.parquet" if nested else f"data/train-0000{number}-of-00002.parquet"
        write_parquet(tmp_path / name, images[number * 3 : number * 3 + 3], [0, 1, 0], ["cat", "dog"])
    name = "validation/0000.parquet" if nested else "data/validation-00000-of-00001.parquet"
    write_parquet(tmp_path / name, images[:2], [1, 0], ["cat", "dog"])
    found = recognise(tmp_path)
    assert (found.classes, set(found.parts)) == (("cat", "dog"), {"train", "val"})
    assert found.parts["train"].labels().tolist() == [0, 1, 0, 0, 1, 0]
    part = found.parts["train"]
    assert isinstance(part, Encoded)
    assert [picture.content for some in part.chunks() for picture in some] == images[:6]


def test_without_pyarrow_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    (tmp_path / "train.parquet").touch()
    monkeypatch.setattr(parquet.importlib.util, "find_spec", lambda _: None)  # type: ignore[attr-defined]
    with pytest.raises(DataError, match=r'pip install "normlab\[parquet\]"'):
        recognise(tmp_path)


def test_parquet_without_images_is_refused(tmp_path: Path) -> None:
    """The error says which columns there are; so it does for a file that is no Parquet."""
    pq.write_table(pa.table({"text": ["a"], "label": [0]}), tmp_path / "train.parquet")
    with pytest.raises(CorruptData, match="got text, label"):
        recognise(tmp_path)
    (tmp_path / "train.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(CorruptData, match="expected a whole Parquet file"):
        recognise(tmp_path)


@pytest.mark.parametrize("name", ["model.pt", "data.pkl", "arrays.pickle"])
def test_pickles_are_never_read(tmp_path: Path, name: str) -> None:
    """The way out is a file of arrays."""
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'touch /tmp/owned'\ntR.")
    with pytest.raises(DataError, match=r"never read here; save arrays .*numpy\.savez"):
        recognise(tmp_path / name)


def test_cifar_for_python_is_refused_with_the_binary_version(tmp_path: Path) -> None:
    """Its batches are pickles without an ending."""
    for name in ("data_batch_1", "test_batch"):
        (tmp_path / name).touch()
    with pytest.raises(DataError, match="take the binary version"):
        recognise(tmp_path)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda _: None, "there is no such file or folder"),
        (lambda path: path.mkdir(), "expected one of IDX files.* got a folder with 0 folders"),
        (lambda path: path.write_text("hello"), "expected one of .* got a file without an ending of 5 bytes"),
    ],
    ids=["nothing", "empty folder", "text"],
)
def test_what_no_layout_knows_is_said(tmp_path: Path, make: object, problem: str) -> None:
    """What was seen, and what would be known."""
    make(tmp_path / "mine")  # type: ignore[operator]
    with pytest.raises(DataError, match=problem):
        recognise(tmp_path / "mine")


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    """It is not opened."""
    (tmp_path / "images.zip").touch()
    with pytest.raises(DataError, match="unpack the archive"):
        recognise(tmp_path / "images.zip")
