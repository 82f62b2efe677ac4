from __future__ import annotations

import json

import pytest

from normlab.bench.chart import chart
from normlab.bench.results import EAGER, LANES, LOOP, Results, Timing, markdown


@pytest.fixture
def results() -> Results:
    """Two norms, three rounds, round figures."""
    rates = {LOOP: (100.0, 200.0, 100.0), EAGER: (300.0, 400.0, 500.0), LANES: (1200.0, 1200.0, 1500.0)}
    timings = tuple(Timing(norm, name, values) for norm in ("bn", "ln") for name, values in rates.items())
    return Results(
        date="2026-01-01",
        command="normlab bench",
        processor="some <b>processor</b>",
        cores=2,
        torch="2.13.0",
        model="course",
        batches=10,
        peak=1e5,
        operations={"bn": 100.0, "ln": 50.0},
        cold={"bn": 2.0, "ln": 1.0},
        cached={"bn": 0.1, "ln": 0.1},
        timings=timings,
    )


def test_ratios_are_taken_round_by_round(results: Results) -> None:
    """A slow round slows both sides, so the median is that of the rounds' ratios, not the ratio of medians."""
    ratio = results.ratio("bn", LANES, LOOP)
    assert (ratio.lowest, ratio.median, ratio.highest) == (6.0, 12.0, 15.0)
    assert results.mean_ratio(EAGER, LOOP) == 3.0


def test_the_share_of_peak_counts_all_cores(results: Results) -> None:
    """1,200 images a second at 100 operations each are 60 % of two cores that do 100,000 together each."""
    assert results.share("bn", LANES) == pytest.approx(0.6)
    assert results.share("ln", LANES) == pytest.approx(0.3)


def test_the_table_has_a_row_for_each_norm_and_engine(results: Results) -> None:
    """Rates, ratios and shares stand in one row; the course's loop is compared with nothing."""
    text = markdown(results)
    assert "| bn | lanes | 1,200 (1,200 to 1,500) | 12.00 × (6.00 to 15.00) | 3.00 × (3.00 to 4.00) | 60 % |" in text
    assert "| ln | course loop | 100 (100 to 200) |  |  | 2 % |" in text
    assert "lanes 12.0 × the course loop" in text
    assert "cold bn 2.00 s, ln 1.00 s; cached bn 0.10 s, ln 0.10 s" in text


def test_the_file_keeps_every_round(results: Results) -> None:
    """What is committed can be recomputed from its JSON."""
    kept = json.loads(results.to_json())
    assert kept["timings"][2]["images_per_second"] == [1200.0, 1200.0, 1500.0]


@pytest.mark.slow
def test_the_chart_names_its_axes_and_units(results: Results) -> None:
    """A chart that is passed around without its text still says what it shows."""
    drawn = json.dumps(chart(results).to_dict())
    for words in ("trained images per second", "float32 peak", "2 cores", "some <b>processor</b>"):
        assert words in drawn
