"""What a reader has to know of a table of claims beside its verdicts, source by source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab import stated
from normlab.claims.claim import Claim
from normlab.claims.mistaken import mistaken
from normlab.spec.problems import one_line


def notes(claims: Sequence[Claim]) -> dict[str, list[str]]:
    """Of each source: settings that its claims do not share, what they admit, and spreads by the wrong name."""
    sources = dict.fromkeys(claim.source for claim in claims)
    return {source: list(_of([claim for claim in claims if claim.source == source])) for source in sources}


def lines(claims: Sequence[Claim]) -> Iterator[str]:
    """All of them, each with its source, if it has one."""
    for source, found in notes(claims).items():
        where = f"{one_line(source)}: " if source else ""
        yield from (f"note: {where}{one_line(note)}" for note in found)


def _of(claims: Sequence[Claim]) -> Iterator[str]:
    made = {claim.name: {head: [cell] for head, cell in claim.beside.items()} for claim in claims}
    yield from stated.unequal(made)
    yield from stated.admitted(made)
    yield from stated.listed(made)
    yield from mistaken(claims)
