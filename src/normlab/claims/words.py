"""What is said of a table of claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from normlab.claims.claim import Claim
from normlab.claims.judge import ClaimPair
from normlab.stats.power import MOST
from normlab.stats.verdict import Kind

ONE = {
    "better": "The claimed difference is supported.",
    "unusual": "No verdict on the claimed difference: larger than seeds would usually make, but of a single seed.",
    "withheld": "No verdict on the claimed difference: it was chosen on the test set.",
    "open": "Not enough evidence for the claimed difference.",
}
MORE = {
    "unusual": " {} larger than seeds would usually make, but of a single seed.",
    "withheld": " {} chosen on the test set, without a verdict.",
}


def headline(pairs: Sequence[ClaimPair]) -> str:
    """The whole table in a sentence or a few."""
    counts = Counter("unusual" if pair.unusual else pair.kind.name for pair in pairs)
    if len(pairs) == 1:
        return ONE[next(iter(counts))]
    if counts["open"] == len(pairs):
        return f"Not enough evidence for any of the {len(pairs)} claimed differences."
    carried = counts["better"]
    lead = f"{carried or 'None'} of {len(pairs)} claimed differences {'are' if carried > 1 else 'is'} supported."
    return lead + "".join(text.format(_number(counts[how])) for how, text in MORE.items() if counts[how])


def _number(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def lines(pairs: Sequence[ClaimPair]) -> Iterator[str]:
    """A sentence a pair, under the source that it is of."""
    for source, group in groupby(pairs, key=lambda pair: pair.first.source):
        if source:
            yield f"{source}:"
        yield from (f"  {sentence(pair)}" for pair in group)


def alone(claims: Sequence[Claim]) -> list[str]:
    """A line for each source that has a single claim."""
    sizes = Counter(claim.source for claim in claims)
    return [f"{source}: one claim, nothing to compare it with." for source, size in sizes.items() if size == 1]


def sentence(pair: ClaimPair) -> str:
    """One pair: what is claimed, and whether the evidence carries it."""
    first, second = pair.first, pair.second
    lead = f"{first.name} over {second.name} by {pair.difference:.2f} points"
    if not pair.difference and pair.kind is not Kind.withheld:
        return f"{first.name} and {second.name}: the same accuracy is claimed, nothing to support."
    if pair.kind is Kind.better:
        return f"{lead}: supported ({_evidence(pair)}, p {_p(pair)})."
    if pair.kind is Kind.withheld:
        return f"{lead}: no verdict, as {_chosen(pair)}; say the last epoch's, or of how many runs it is the best."
    if pair.unusual:
        return f"{lead}: no verdict, as the spread over seeds is not known ({_evidence(pair)}); {_chance(pair)}."
    return f"{lead}: not enough evidence ({_evidence(pair)}); {_more(pair)}."


def payload(pairs: Sequence[ClaimPair], notes: Mapping[str, Sequence[str]] | None = None) -> list[dict[str, Any]]:
    """The pairs as plain values, each with the notes on its source (`claims.notes`)."""
    return [
        {
            "source": pair.first.source,
            "first": pair.first.name,
            "second": pair.second.name,
            "off": [pair.first.off, pair.second.off],
            "difference": pair.difference,
            "images_error": pair.images,
            "p": pair.p,
            "verdict": pair.kind.value,
            "spread_to_be_chance": pair.chance,
            "seeds_needed_each": pair.seeds,
            "notes": [*(notes or {}).get(pair.first.source, ())],
        }
        for pair in pairs
    ]


def _chosen(pair: ClaimPair) -> str:
    names = [claim.name for claim in (pair.first, pair.second) if claim.chosen]
    whose = "is by its" if len(names) == 1 else "are by their"
    return f"{' and '.join(names)} {whose} own words the best that the test showed"


def _evidence(pair: ClaimPair) -> str:
    lucky = "".join(_lucky(claim) for claim in (pair.first, pair.second) if claim.best_of)
    return f"{_seeds(pair)}{_images(pair)}{lucky}"


def _lucky(claim: Claim) -> str:
    return f", {claim.name} as the best of {claim.best_of} less {claim.off:.2f} points"


def _images(pair: ClaimPair) -> str:
    if not pair.images:
        return ""
    sets = f"{pair.first.images:,} and {pair.second.images:,}"
    return f", test sets of {sets} images that alone scatter by {pair.images:.2f} points"


def _seeds(pair: ClaimPair) -> str:
    counts = pair.first.seeds, pair.second.seeds
    if counts == (1, 1):
        return "one seed each"
    return f"{counts[0]} seeds each" if counts[0] == counts[1] else f"{counts[0]} against {counts[1]} seeds"


def _p(pair: ClaimPair) -> str:
    return "< 0.0001" if pair.p is not None and pair.p < 1e-4 else f"= {pair.p:.4f}"


def _chance(pair: ClaimPair) -> str:
    whose = "told is" if pair.told else "small classifiers usually have"
    known = f"it may be chance if seeds scatter by {pair.chance:.2f} points or more, and {whose} {pair.spread:.2f}"
    return f"{known}; {_more(pair)}"


def _more(pair: ClaimPair) -> str:
    if pair.seeds is None:
        return f"even {MOST:,} seeds each might not show it{' on these images' if pair.images else ''}"
    return f"about {pair.seeds} seeds each would show a true difference of that size four times out of five"
