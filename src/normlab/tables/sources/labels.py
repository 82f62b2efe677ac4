"""What runs are called, read for what it says of them: `bn_seed0`, `lr=0.1,seed=3`, `gn4/seed_1`."""

from __future__ import annotations

import re
from collections.abc import Sequence

SEED = (
    re.compile(r"(?<![A-Za-z])seed[=_\- ]?(\d+)(?!\d)", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z])(?:replicate|repeat|rep|run)[=_\- ]?(\d+)(?!\d)", re.IGNORECASE),
)
"""In the order in which they count."""
LONGEST = 1000
"""Characters; a longer name says nothing, and took long to read."""
PAIR = re.compile(r"(\w[\w.]*?)=([^=,;/\s]+?)(?=[,;/\s]|_[A-Za-z][\w.]*=|$)")


def read(names: Sequence[str]) -> list[dict[str, str]]:
    """What each name says: its pairs `lr=0.1`, else what is left beside the seed as `arm`; and `seed`.

    Parts of a path that all names share say nothing, nor do names that are all different and have no seeds: tools make
    up such ones.
    """
    paths = [name.replace("\\", "/").split("/") for name in names]
    shared = set.intersection(*map(set, paths)) if len(paths) > 1 else set[str]()
    said = [_said("/".join(part for part in parts if part not in shared or _seed(part))) for parts in paths]
    arms = [each["arm"] for each in said if each.keys() == {"arm"}]
    return [{} for _ in said] if len(arms) == len(set(arms)) == len(said) else said


def _said(name: str) -> dict[str, str]:
    if len(name) > LONGEST:
        return {}
    pairs = {key.strip("_"): value for key, value in PAIR.findall(name)}
    if pairs:
        return pairs
    seed = _seed(name)
    if seed is None:
        return _arm(name)
    return _arm(f"{name[: seed.start()]}/{name[seed.end() :]}") | {"seed": seed[1]}


def _seed(name: str) -> re.Match[str] | None:
    return next((match for pattern in SEED if (match := pattern.search(name))), None)


def _arm(rest: str) -> dict[str, str]:
    said = re.sub(r"[/_\-., ]*/[/_\-., ]*", "/", rest).strip("/_-., ")
    return {"arm": said} if said else {}
