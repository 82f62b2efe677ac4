from __future__ import annotations

import json

import pytest
from torch import nn

from normlab.conversion import Report, convert


class Body(nn.Sequential):
    """A convolution with its norm, and a norm of features."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.LayerNorm(8))


@pytest.fixture
def report() -> Report:
    """Of batch norm to group norm, with a norm of features that stays."""
    return convert(Body(), "gn:4")[1]


def test_it_prints_the_answer_first_and_every_norm_below(report: Report) -> None:
    """The first line counts, then comes a row for each norm, then what was left with its reason."""
    lines = str(report).splitlines()
    assert lines[0] == "1 norm to gn:4, 1 left as they are; 256 parameters"
    assert [line.split() for line in lines[2:4]] == [
        ["path", "old", "new", "channels", "carried", "reset"],
        ["1", "bn", "gn:4", "8", "γ", "β", "eps", "–"],
    ]
    assert lines[5] == "Left as they are:"
    assert lines[6].startswith("  3 (ln): acts on the features")


def test_as_the_value_of_a_line_it_is_its_summary(report: Report) -> None:
    """One line, however many norms there are."""
    assert repr(report) == "Report(1 norm to gn:4, 1 left as they are; 256 parameters)"


def test_it_is_json_by_to_dict(report: Report) -> None:
    """With plain values alone."""
    said = json.loads(json.dumps(report.to_dict()))
    assert said["converted"][0]["path"] == "1"
    assert said["converted"][0]["groups"] == 4
    assert said["parameters"] == {"before": 256, "after": 256}
    assert said["untouched"][0]["path"] == "3"


def test_it_is_a_table_in_markdown_and_in_a_notebook(report: Report) -> None:
    """Each norm stands in both."""
    assert "| 1 | bn | gn:4 | 8 | γ β eps | – |" in report.to_markdown()
    assert "<td>gn:4</td>" in report._repr_html_()


def test_names_of_a_network_are_no_markup() -> None:
    """A layer may be called anything; in a notebook and in Markdown it stays text."""
    model = nn.Sequential()
    model.add_module("<img>|x", nn.BatchNorm2d(4))
    report = convert(model, "ln")[1]
    assert "<img>" not in report._repr_html_()
    assert "<img>" not in report.to_markdown()
    assert "\\|x" in report.to_markdown()


def test_it_is_frozen_and_counts_what_it_iterates_over(report: Report) -> None:
    """A value, as long as its rows."""
    assert len(report) == len(list(report)) == 1
    with pytest.raises(AttributeError):
        report.to = "ln"  # type: ignore[misc]
