"""Which column of a table says what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from normlab.claims import luck
from normlab.errors import SpecError

NEEDED, OPTIONAL = ("name", "accuracy", "n"), ("seeds", "sd", "se", "source")
KNOWN = {*NEEDED, *OPTIONAL, "±"}
OTHERWISE = {
    **dict.fromkeys(("paper", "group"), "source"),
    **dict.fromkeys(("std", "stdev", "std dev", "standard deviation"), "sd"),
    **dict.fromkeys(("sem", "stderr", "std err", "standard error"), "se"),
    **dict.fromkeys(("+-", "+/-", "pm", "plus-minus"), "±"),
}
"""Other heads that people write, and what they are called here."""


def named(heads: Sequence[str], where: str) -> list[str]:
    """The heads of a table as they are called here; raises `SpecError` where one is missing or stands twice.

    Args:
        heads: as they stand in the table; others than those known here are passed over.
        where: the file, for errors.
    """
    given = [head.strip().lower() for head in heads]
    names = [OTHERWISE.get(head, head) for head in given]
    names = names if "accuracy" in names else ["accuracy" if _best(name) else name for name in names]
    if not set(NEEDED) <= set(names):
        got = ", ".join(given)[:200] or "nothing"
        perhaps = f"{', '.join(OPTIONAL[:-1])} and {OPTIONAL[-1]}"
        raise SpecError(f"{where}: expected the columns {', '.join(NEEDED)} and perhaps {perhaps}, got {got}")
    known = Counter(name for name in names if name in KNOWN)
    twice = next((name for name, count in known.items() if count > 1), None)
    if twice is not None:
        both = " and ".join(head for head, name in zip(given, names, strict=True) if name == twice)
        raise SpecError(f"{where}: expected one column for the {twice}, got {both[:200]}")
    return names


def _best(head: str) -> bool:
    """Whether a column is of accuracies that were chosen because they are high, as "accuracy (best epoch)" is."""
    words = luck.plain(head)
    return re.search(r"\bacc(uracy)?\b", words) is not None and luck.BEST.search(words) is not None
