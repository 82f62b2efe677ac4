from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import normlab
from normlab.cli import app
from normlab.errors import DataError, SpecError, StoreError, UnknownName

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two arms on two seeds, trained on a few thousand digits, and photographs of six others."""
    folder = tmp_path_factory.mktemp("project")
    normlab.compare(norms=["bn", "ln"], seeds=2, epochs=1, set={"train_images": 6000}, name="s", out=folder / "out")
    images = normlab.load("mnist").test_images
    for index in range(6):
        large = np.asarray(Image.fromarray(images[index, 0]).resize((280, 280)))
        page = np.full((500, 400), 225, np.uint8)
        page[150:430, 90:370] -= (large * 0.8).astype(np.uint8)
        Image.fromarray(page).save(folder / f"{index}.png")
    return folder


def test_photographs_of_digits_are_known(project: Path) -> None:
    """Each arm says what the digit is, with the spread of its seeds; what was done to the picture is told."""
    labels = normlab.load("mnist").test_labels[:6]
    found = normlab.predict("s", [project / f"{i}.png" for i in range(6)], out=project / "out")
    right = sum(each.label == str(label) for each, label in zip(found, labels, strict=True))
    assert right >= 5
    for each in found:
        assert [guess.arm for guess in each.guesses] == ["bn", "ln"]
        assert any("inverted" in note for note in each.notes)
        for guess in each.guesses:
            assert guess.seeds == 2
            assert guess.low <= guess.probability <= guess.high


def test_the_command_prints_the_answer_first_and_json(project: Path) -> None:
    """A line with the class, then a line for each arm; JSON has the same."""
    line = ["predict", "s", str(project / "0.png"), "--project", str(project / "out")]
    told = CliRunner().invoke(app, line)
    assert told.exit_code == 0
    assert told.output.splitlines()[0].startswith(f"{project / '0.png'}: 7 (")
    said = json.loads(CliRunner().invoke(app, [*line, "--arm", "bn", "--format", "json"]).output)
    assert [guess["arm"] for guess in said["pictures"][0]["guesses"]] == ["bn"]
    assert said["pictures"][0]["label"] == "7"


def test_what_cannot_be_predicted_is_told(project: Path) -> None:
    """No picture, a file that is none, an arm or a study that is not there."""
    out = project / "out"
    with pytest.raises(SpecError, match="at least one picture"):
        normlab.predict("s", [], out=out)
    with pytest.raises(DataError, match="not there"):
        normlab.predict("s", [project / "none.png"], out=out)
    with pytest.raises(UnknownName, match="bn, ln"):
        normlab.predict("s", [project / "0.png"], arm="gn", out=out)
    with pytest.raises(StoreError):
        normlab.predict("other", [project / "0.png"], out=out)
