"""Paths as people write them, of models and of images."""

from pathlib import Path

import pytest

from normlab.data.whereabouts import located
from normlab.errors import SpecError
from normlab.spec.places import whole


@pytest.mark.parametrize(
    ("path", "problem"),
    [("~nobody-is-called-so/x.py", "there is no such user; give the whole path"), ("a\0/x.py", "has no NUL in it")],
)
def test_a_path_that_cannot_be_is_told_by_its_field(path: str, problem: str) -> None:
    """The same for a model and for images."""
    with pytest.raises(SpecError, match=f"^model: .*{problem}"):
        whole(f"{path}:make")
    with pytest.raises(SpecError, match=f"^dataset: .*{problem}"):
        located(path)


def test_links_that_lead_to_themselves_are_a_path(tmp_path: Path) -> None:
    """What is wrong with them is told when they are read."""
    (tmp_path / "x.py").symlink_to(tmp_path / "x.py")
    assert whole("x.py:make", tmp_path) == f"{tmp_path / 'x.py'}:make"
