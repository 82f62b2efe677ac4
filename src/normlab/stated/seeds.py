"""Seeds that do not follow each other: nobody can tell whether those between were tried and left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from normlab.stated.cells import Made, few, plain

LIST = re.compile(r"\d+(?:[\s,;/+]+\d+)+")


def apart(seeds: Iterable[str]) -> list[str]:
    """A sentence where they are whole numbers with gaps; none for those that are no numbers, and for fewer than two."""
    known = {seed.strip() for seed in seeds}
    numbers = sorted(int(seed) for seed in known if re.fullmatch(r"\d{1,18}", seed))
    if len(numbers) < max(2, len(known)) or numbers[-1] - numbers[0] < len(numbers):
        return []
    return [
        f"the seeds {few(map(str, numbers))} do not follow each other: no reader can tell whether those between were "
        "tried and left out"
    ]


def listed(made: Made) -> list[str]:
    """The same of seeds that are listed in a cell, as `3 17 42` in a column `seeds used`."""
    cells = [cell for of in made.values() for head, all_ in of.items() if "seeds" in plain(head) for cell in all_]
    lists = dict.fromkeys(cell for cell in cells if LIST.fullmatch(cell.strip()))
    return list(dict.fromkeys(told for cell in lists for told in apart(re.findall(r"\d+", cell))))
