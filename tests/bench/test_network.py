from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normlab.bench.layers import Layer
from normlab.bench.network import Stepped, Steps, markdown
from normlab.cli import app

pytestmark = pytest.mark.slow  # steps are timed

OWN = """
from torch import nn

def net(norm, classes=10, **_):
    layers = [nn.Conv2d(1, 4, 3), norm(4), nn.Softsign()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 26 * 26, classes))
"""


def steps(*stepped: Stepped, layers: dict[str, tuple[Layer, ...]] | None = None) -> Steps:
    """Of a network of a million operations on a core of 1 GFLOP/s."""
    return Steps(
        *("2026-11-30", "normlab bench --model m", "a core", "2.13.0", "m", (1, 28, 28), 100, 1_000, 1e9),
        operations={"bn": 1e6},
        stepped=stepped,
        layers=layers or {},
    )


def test_ratios_are_taken_round_by_round() -> None:
    """A slow round is slow for both."""
    found = steps(Stepped("bn", "eager", (0.4, 0.8)), Stepped("bn", "lanes", (0.2, 0.4), 5_000_000))
    row = markdown(found).splitlines()[-1]
    assert row == "| bn | lanes | 300.0 (200.0 to 400.0) | 333 | 2.00 × (2.00 to 2.00) | 33 % | 5 |"


def test_an_engine_that_refuses_says_why() -> None:
    """In the place of its figures."""
    found = steps(Stepped("bn", "eager", (0.4,)), Stepped("bn", "lanes", why="no kernel for 2: Softsign"))
    assert markdown(found).splitlines()[-1].startswith("| bn | lanes | no kernel for 2: Softsign |")


def test_layers_say_their_share() -> None:
    """Of the sum of all."""
    found = steps(Stepped("bn", "eager", (0.4,)), layers={"bn": (Layer("conv", 0.003), Layer("the rest", 0.001))})
    assert markdown(found).splitlines()[-2:] == ["| conv | 3.00 | 75 % |", "| the rest | 1.00 | 25 % |"]


@pytest.mark.usefixtures("mnist")
@pytest.mark.long
def test_a_networks_steps_are_measured_layer_by_layer(tmp_path: Path) -> None:
    """Of one of ours: both engines, and where the time of lanes goes."""
    given = ["bench", "--model", "lean", "--norms", "bn", "--rounds", "2", "--batch-size", "32", "--layers"]
    done = CliRunner().invoke(app, [*given, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "steps.json").read_text())
    assert [each["engine"] for each in kept["stepped"]] == ["eager", "lanes"]
    assert all(len(each["seconds"]) == 2 and min(each["seconds"]) > 0 for each in kept["stepped"])
    names = [each["name"] for each in kept["layers"]["bn"]]
    assert {"conv1", "norm1", "the rest"} <= set(names)
    assert all(each["seconds"] > 0 for each in kept["layers"]["bn"])
    assert (tmp_path / "steps.md").read_text() in done.output


@pytest.mark.usefixtures("mnist")
def test_a_network_of_ones_own_is_measured_by_who_takes_it(tmp_path: Path) -> None:
    """The other engine's reason stands in its row."""
    file = tmp_path / "own.py"
    file.write_text(OWN)
    given = ["bench", "--model", f"{file}:net", "--norms", "bn", "--rounds", "1", "--batch-size", "16"]
    done = CliRunner().invoke(app, [*given, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "no kernel for 2: Softsign" in done.output


def test_options_of_a_network_need_one() -> None:
    """One line, and nothing is measured."""
    for given, said in ((["--layers"], "name one with --model"), (["--model", "lean", "--batches", "9"], "--batches")):
        done = CliRunner().invoke(app, ["bench", *given])
        assert done.exit_code != 0
        assert said in str(done.exception)
