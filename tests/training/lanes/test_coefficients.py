"""Coefficients of parameters, in few vectors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normlab.training.lanes.coefficients import Coefficients


@given(sizes=st.lists(st.tuples(st.integers(1, 90), st.integers(0, 3)), max_size=12), lanes=st.sampled_from([4, 8, 16]))
def test_every_value_has_the_numbers_of_its_parameter(sizes: list[tuple[int, int]], lanes: int) -> None:
    """Also where parameters share a vector; behind the last there are zeros."""
    ends = np.cumsum([0, *(size for size, _ in sizes)])
    places = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    found, wanted = Coefficients(["decay", "lasso"], places, lanes), np.zeros((2, -(-int(ends[-1]) // lanes) * lanes))
    for place, (_, number) in zip(places, sizes, strict=True):
        found.put("lasso", place, number)
        wanted[1, place] = number
    which, table = found.vectors(wanted.shape[1] // lanes)
    assert (table[which].transpose(1, 0, 2).reshape(2, -1) == wanted).all()


def test_a_large_parameter_has_one_vector_for_all_its_values() -> None:
    """However many values it has."""
    found = Coefficients(["decay"], [slice(0, 10_000), slice(10_000, 10_003)], 16)
    found.put("decay", slice(0, 10_000), 0.5)
    _, table = found.vectors(626)
    assert len(table) == 2
