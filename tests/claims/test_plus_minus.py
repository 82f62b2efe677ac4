from __future__ import annotations

import pytest

from normlab.claims import Claim
from normlab.claims.read import parse
from normlab.errors import SpecError

BARE = "name,accuracy,n,seeds\na,99.2 ± 0.1,10000,4\nb,99.1±0.2%,10000,9\n"


@pytest.mark.parametrize("table", [BARE, "name,accuracy,n,seeds,+/-\na,99.2,10000,4,0.1\nb,99.1,10000,9,0.2\n"])
def test_a_bare_sign_is_what_it_is_said_to_be(table: str) -> None:
    """An sd as it stands, an se times the root of the seeds; in the cell of the accuracy or in a column."""
    assert parse(table, meaning="sd") == [Claim("a", 99.2, 10_000, 4, 0.1), Claim("b", 99.1, 10_000, 9, 0.2)]
    assert [claim.sd for claim in parse(table, meaning="se")] == pytest.approx([0.2, 0.6])


def test_a_column_says_which_it_is() -> None:
    """Also as spreadsheets call it, in fractions too, and whatever a bare ± is said to be."""
    (a, b) = parse("name,accuracy,n,seeds,sem,std\na,0.99,100,4,0.001,\nb,0.98,100,4,,0.002\n", meaning="sd")
    assert (a.sd, b.sd) == (pytest.approx(0.2), pytest.approx(0.2))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (BARE, "t.csv, line 2: cannot tell whether ± is sd or se; call its column sd or se, or give `normlab"),
        ("name,accuracy,n,se\na,99,9,0.1\nb,98,9,\n", "line 2: expected 2 seeds or more beside an se, got nothing"),
        ("name,accuracy,n,seeds,se\na,99,9,1,0.1\nb,98,9,,\n", "expected 2 seeds or more beside an se, got 1"),
        ("name,accuracy,n,seeds,se\na,99,9,4,x\nb,98,9,,\n", "line 2: se: expected a number from 0 to 100, got x"),
        ("name,accuracy,n,sd\na,99 ±,9,\nb,x ± 1,9,\n", "line 3: accuracy: expected a number from 0 to 100, got x"),
    ],
)
def test_what_cannot_be_told_is_one_line(table: str, said: str) -> None:
    """With the way out."""
    with pytest.raises(SpecError) as caught:
        parse(table, "t.csv")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
