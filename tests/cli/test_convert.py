from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner, Result

from normlab.cli import app
from normlab.errors import NormlabError

NETS = """
from torch import nn

def make(width=16, norm_layer=None):
    norm = norm_layer or nn.BatchNorm2d
    body = [nn.Conv2d(3, width, 3), norm(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*body, nn.LayerNorm(width), nn.Linear(width, 10))

def raises():
    raise RuntimeError("not today")

def nothing():
    return 3
"""


@pytest.fixture(autouse=True)
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with networks in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("nets.py").write_text(NETS, encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["convert", *words])


def test_it_says_what_became_of_every_norm_and_writes_the_weights() -> None:
    """The network is as its author has it before; a norm of features stays, with the reason."""
    result = run("nets.py:make", "--to", "gn:cpg=8", "--size", "3x32x32")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 norm to gn:cpg=8, 1 left as they are; 682 parameters\n")
    assert "5 (ln): acts on the features" in result.stdout
    assert load_file("converted.safetensors")["1.weight"].shape == (16,)


def test_the_weights_are_those_of_the_network() -> None:
    """Trying it out on an example leaves no trace in the statistics of a norm that stays."""
    result = run("nets.py:make", "--to", "rms", "--size", "3x32x32", "--skip", "1")
    assert result.exit_code == 0
    assert not load_file("converted.safetensors")["1.running_mean"].any()


def test_a_dry_run_writes_nothing() -> None:
    """And says the same."""
    assert run("nets.py:make", "--to", "gn:4", "--dry-run").exit_code == 0
    assert not Path("converted.safetensors").exists()


def test_the_report_is_json_and_markdown() -> None:
    """JSON alone is on standard output, whatever else is said."""
    said = json.loads(run("nets.py:make", "--to", "rms", "--format", "json", "--dry-run").stdout)
    assert [row["path"] for row in said["converted"]] == ["1", "5"]
    assert (
        "| 1 | bn | ln | 4 |"
        in run(
            *("nets.py:make", "--to", "ln", "--format", "markdown", "--model-args", '{"width": 4}', "--dry-run")
        ).stdout
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nets.py:make", "--to", "gn:3"), "16 channels can be split into 1, 2, 4, 8, 16 groups"),
        (("nets.py:make", "--to", "gm"), "did you mean"),
        (("nets.py:make", "--to", "ln-chw"), "give example="),
        (("nets.py:make", "--to", "gn:4", "--skip", "head.*"), "no norm is called so; they are 1, 5"),
        (("nets.py:make", "--to", "gn:4", "--size", "3x32"), "expected channels x height x width"),
        (("nets.py:make", "--to", "gn:4", "--size", "1x32x32"), "does not take the example"),
        (("nets.py:make", "--to", "gn:4", "--model-args", "[1]"), "--model-args: expected a table"),
        (("nets.py:make", "--to", "gn:4", "--out", "nets.py/where.safetensors"), "cannot write"),
        (("nets.py:raises", "--to", "gn:4"), "its code raised RuntimeError: not today"),
        (("nets.py:nothing", "--to", "gn:4"), "expected an nn.Module, got int"),
        (("nets.py", "--to", "gn:4"), "expected package.module:factory or path/to/file.py:factory"),
        (("nets:make", "--to", "gn:4"), "there is no installed module nets"),
    ],
)
def test_what_cannot_be_converted_is_one_line(words: tuple[str, ...], why: str) -> None:
    """What came and the way out; nothing is written."""
    error = run(*words).exception
    assert isinstance(error, NormlabError)
    assert why in str(error)
    assert "\n" not in str(error)
    assert not Path("converted.safetensors").exists()
