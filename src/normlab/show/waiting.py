"""Seeds that are there and do not count yet, since they wait for an earlier one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from normlab.show.numbers import listing, plural


def waits(late: Mapping[int, Collection[int]]) -> str:
    """For instance "2 later seeds wait for seed 5"; empty where none waits.

    Args:
        late: the seeds that wait, by the one that they wait for.
    """
    said = [
        f"{plural(len(late[seed]), 'later seed')} {'waits' if len(late[seed]) == 1 else 'wait'} for seed {seed}"
        for seed in sorted(late)
    ]
    return listing(said) if said else ""
