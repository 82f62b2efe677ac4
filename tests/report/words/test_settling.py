from __future__ import annotations

import re
from typing import TYPE_CHECKING

from normlab.report.view import build
from normlab.report.words.settling import in_time

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]


def test_as_much_time_again_has_a_chance(make: Make) -> None:
    """Of the seeds that fit into it, by what the runs of the open arms took; the more time, the larger."""
    facts = build(make(arms=TWO, seeds=40, until_settled=True, missing=70)).facts
    said = [in_time(facts, 60 * minutes, 2) for minutes in (5, 20)]
    found = [
        re.fullmatch(r"Another (5|20) min is time for about (\d+) more seeds; .* bn against ln is (\d+)%\.", one)
        for one in said
    ]
    seeds, chances = zip(*[(int(one[2]), int(one[3])) for one in found if one], strict=True)
    assert seeds[0] < seeds[1]
    assert chances[0] < chances[1]


def test_nothing_is_said_of_what_takes_no_more_seeds(make: Make) -> None:
    """A fixed number, or all that there may be."""
    assert in_time(build(make(arms=TWO, seeds=3, missing=2)).facts, 600, 2) == ""
    assert in_time(build(make(arms=TWO, seeds=3, until_settled=True)).facts, 600, 2) == ""
