"""Accuracy on images that were made worse after training: no record has it, whoever judged the network knows it."""

from __future__ import annotations

from collections.abc import Mapping

from normlab.outcomes.outcome import Outcome


def on_worse(kind: str, known: Mapping[str, float]) -> Outcome:
    """The percent right of images that are, for instance, `shifted`, 0 to 100; `known` has it by the run's key."""
    return Outcome(
        kind,
        f"accuracy on {kind} images",
        "%",
        "points",
        higher=True,
        digits=2,
        read=lambda seen: known.get(seen.run.key),
        perfect=100,
        widest=100,
    )
