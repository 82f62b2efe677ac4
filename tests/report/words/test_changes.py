from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normlab.report import html
from normlab.report.words.changes import changes
from normlab.spec import design

if TYPE_CHECKING:
    from comparisons import Make

LINK = {"base": 0.1, "per": "batch_size", "at": 128}


def test_linked_fields_are_worked_out() -> None:
    """The learning rate of batch 32 under the linear rule is 0.025."""
    found = changes(design(vary={"batch_size": [32, 128]}, set={"optimizer.lr": LINK}))
    assert found.titles == ("batch size", "learning rate")
    assert found.rows == (("batch 32", ("32", "0.025")), ("batch 128", ("128", "0.1")))
    assert found.needed


def test_names_of_norms_and_penalties_say_it_all() -> None:
    """The default question needs no such table; an arm with a name of its own does."""
    assert not changes(design()).needed
    assert changes(design(arms=[{"norm": "bn"}, {"norm": "ln", "name": "mine"}])).needed


def test_a_field_that_changes_nothing_has_no_value() -> None:
    """The kind of a penalty with λ = 0, as an example."""
    found = changes(design(norms="bn", penalty=["prox", "spred"], l1=[0.0, 1e-3]))
    assert found.rows[0] == ("bn", ("–", "0"))
    assert found.idle


@pytest.mark.long
def test_the_table_stands_beside_the_study(make: Make) -> None:
    """On the page of a study whose names leave something out, and on no other."""
    page = html.render(make(vary={"batch_size": [32, 128]}, fixed={"optimizer.lr": LINK}, seeds=1, images=100))
    assert "What each arm changes" in page
    assert "<td>0.025</td>" in page
    assert "What each arm changes" not in html.render(make(arms=[{"norm": "bn"}], seeds=1, images=100))
