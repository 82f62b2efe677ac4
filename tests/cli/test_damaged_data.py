"""Images that change between the start of a study and the moment when a worker reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import normlab
from normlab.data import Dataset, catalog
from normlab.data.cache import find
from normlab.store import Store

pytestmark = [pytest.mark.training, pytest.mark.timeout(120)]
FEW = {"epochs": 1, "train_images": 500, "holdout": 250, "engine": "eager"}
ONE = [word for name, value in FEW.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def flipped(path: Path) -> None:
    """Two other bytes."""
    with path.open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff\xfe")


@pytest.mark.long
def test_damaged_images_are_one_line_and_what_is_done_stays(tmp_path: Path, mnist: Dataset) -> None:
    """The file is named, and what brings it again; the run of before is kept."""
    images = find(catalog.CATALOG[mnist.name], catalog.CATALOG[mnist.name].files[2])
    assert images is not None
    data = Path(shutil.copytree(images.parent, tmp_path / "data" / "mnist"))
    environment = {**os.environ, "NORMLAB_DATA": str(tmp_path / "data"), "COLUMNS": "80"}
    command = [sys.executable, "-m", "normlab", "compare", "--norms", "bn", *ONE, "--workers", "1"]
    normlab.compare(norms="bn", seeds=1, out=tmp_path / "normlab-out", **FEW)  # type: ignore[arg-type]
    with subprocess.Popen(
        [*command, "--seeds", "2"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as study:
        assert study.stderr is not None
        for line in study.stderr:
            if "1 kept, 1 to train" in line:
                flipped(data / images.name)
                break
        *_, told = study.communicate()[1].splitlines()
    assert study.returncode == 1
    assert told.startswith("error: ")
    assert "left no record: bn · seed 1: " in told
    assert "`normlab data fetch mnist`" in told
    with Store.reading(tmp_path / "normlab-out") as store:
        assert len(store.listing()) == 1
