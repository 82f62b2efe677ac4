from __future__ import annotations

from contextlib import suppress

import torch

from normlab.training.threads import threads


def test_threads_are_as_before_however_it_ends() -> None:
    """Inside there are as many as were asked for; an error changes nothing of what is left behind."""
    before = torch.get_num_threads()
    with suppress(ZeroDivisionError), threads(before + 1):
        assert torch.get_num_threads() == before + 1
        _ = 1 / 0
    assert torch.get_num_threads() == before
