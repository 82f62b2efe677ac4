"""Images from a function of one's own: what it gives is what is read, and what it does wrong is told on one line."""

from pathlib import Path

import numpy as np
import pytest
from own_images import noise

from normlab.data import load
from normlab.data.summary import summary
from normlab.errors import DataError

CODE = """
import numpy as np
from pathlib import Path

def images():
    kept = np.load(Path(__file__).with_name("kept.npz"))
    return kept["a"], kept["b"], kept["c"], kept["d"], ["cat", "dog", "cow"]

def broken():
    raise KeyError("no such column")

def few():
    return 1, 2

def fractions():
    return np.zeros((4, 8, 8)), np.arange(4), np.zeros((4, 8, 8)), np.arange(4)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with functions, and the arrays that one of them gives."""
    arrays = noise()
    kept = {"a": arrays.train, "b": arrays.train_labels, "c": arrays.test[:, 0], "d": arrays.test_labels}
    np.savez(tmp_path / "kept.npz", **kept)
    (tmp_path / "mine.py").write_text(CODE)
    return tmp_path / "mine.py"


def test_what_a_function_gives_is_what_is_read(file: Path) -> None:
    """Images, labels and the names of classes."""
    data = load(f"{file}:images")
    np.testing.assert_array_equal(data.train_images, noise().train)
    np.testing.assert_array_equal(data.test_images, noise().test)
    np.testing.assert_array_equal(data.test_labels, noise().test_labels)
    assert (data.name, data.classes) == ("mine.py:images", ("cat", "dog", "cow"))


def test_a_function_is_called_anew(file: Path) -> None:
    """What it reads may have changed, which no time of a file says."""
    before = load(f"{file}:images").digest
    kept = dict(np.load(file.with_name("kept.npz")))
    np.savez(file.with_name("kept.npz"), **{**kept, "a": 255 - kept["a"]})
    assert load(f"{file}:images").digest != before


def test_showing_what_a_function_gives_calls_it_once(file: Path) -> None:
    """It may take long, and may give something else the second time."""
    with file.open("a") as code:
        code.write(
            "\ndef counted():\n    with open(__file__ + '.calls', 'a') as told: told.write('x')\n    return images()\n"
        )
    shown, data = summary(f"{file}:counted")
    assert (shown.train, len(data.train_images)) == (12, 12)
    assert Path(f"{file}.calls").read_text() == "x"


def test_it_is_imported_as_a_model_is(file: Path) -> None:
    """With what lies beside it, and anew where that has changed; what it raises has its own lines."""
    file.write_text("import beside\n" + CODE.replace('return kept["a"],', 'return kept["a"] // beside.by,'))
    for by in (1, 2):
        file.with_name("beside.py").write_text(f"by = {by}\n")
        np.testing.assert_array_equal(load(f"{file}:images").train_images, noise().train // by)
    file.with_name("beside.py").write_text("")
    with pytest.raises(DataError, match=r"images .*mine.py:images: its code raised AttributeError") as caught:
        load(f"{file}:images")
    assert "// beside.by" in caught.value.details
    assert "normlab" not in caught.value.details


def test_a_module_is_imported_by_its_name(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python finds it; resizing works as for files."""
    file.rename(file.with_name("module_of_mine.py"))
    monkeypatch.syspath_prepend(str(file.parent))
    assert load("module_of_mine:images?resize=4").train_images.shape == (12, 1, 4, 4)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mine.py:broken", "KeyError: 'no such column'"),
        ("mine.py:few", "got tuple of 2"),
        ("mine.py:fractions", "expected pixels from 0 to 255"),
        ("mine.py:nothing", "mine.py has no function nothing; it has "),
        ("other.py:images", "there is no file "),
    ],
)
def test_what_a_function_does_wrong_is_told(file: Path, name: str, problem: str) -> None:
    """With the place that was named."""
    with pytest.raises(DataError, match=problem):
        load(str(file.parent / name))
