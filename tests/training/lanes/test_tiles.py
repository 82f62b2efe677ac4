from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.training.lanes.tiles import outputs_by_inputs, outputs_by_positions

SIZES = st.integers(1, 64)
REGISTERS = st.sampled_from([16, 32])


@given(outputs=SIZES, width=SIZES, taps=st.sampled_from([1, 3, 5, 7]), stride=st.sampled_from([1, 2]), n=REGISTERS)
def test_a_tile_of_outputs_fits_the_registers(outputs: int, width: int, taps: int, stride: int, n: int) -> None:
    """Sums, a row of inputs, a weight and one to spare: what does not fit would be stored and loaded again."""
    tall, wide = outputs_by_positions(outputs, width, taps, stride, n)
    assert 1 <= tall <= outputs
    assert 1 <= wide <= width
    assert tall * wide + wide + 2 <= n


@given(outputs=SIZES, inputs=SIZES, taps=st.sampled_from([1, 3, 5, 9]), n=REGISTERS)
def test_a_tile_of_weights_fits_and_divides(outputs: int, inputs: int, taps: int, n: int) -> None:
    """Gradients are added to memory, so no weight may be in two tiles."""
    o, c = outputs_by_inputs(outputs, inputs, taps, n)
    assert outputs % o == inputs % c == 0
    assert o * c * taps + o + 1 <= n or o == c == 1


@pytest.mark.parametrize("registers", [16, 32])
def test_the_courses_heaviest_layer_keeps_the_unit_busy(registers: int) -> None:
    """10 → 18 channels at 24 positions: at least eight sums at once, so no sum waits for itself."""
    tall, wide = outputs_by_positions(18, 24, 3, 1, registers)
    assert tall * wide >= 8
