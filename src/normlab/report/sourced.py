"""Where the variance between seeds comes from, as plain values, and as rows for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from normlab.analysis import Facts
from normlab.analysis.sources import Component, Shared, Sourced
from normlab.report.words import sources
from normlab.stats.components import Part


def numbers(facts: Facts) -> dict[str, Any] | None:
    """Shares are 0 to 1, standard deviations in the outcome's unit; nothing of a study that does not ask."""
    found = facts.sources
    if found is None:
        return None
    return {
        "level": found.level,
        "absent": [*found.absent],
        "runs_missing": found.owed,
        "answers": [*sources.answers(found)],
        "arms": [_arm(each) for each in found.arms],
        "pairs": [_pair(each) for each in found.pairs],
    }


def rows(facts: Facts) -> dict[str, Any]:
    """The heads and the rows of both tables."""
    found = facts.sources
    arms, pairs = (sources.components(facts, found), sources.in_pairs(found)) if found else ((), ())
    return {"heads": sources.heads(facts), "arms": [*arms], "pairs": [*pairs]}


def _arm(each: Sourced) -> dict[str, Any]:
    every = [*each.parts, *each.apart]
    return {
        "arm": each.arm,
        "total": _component(each.total),
        "sources": [{"source": part.source, "in_total": part in each.parts, **_component(part)} for part in every],
        "left": _part(each.left),
        "leader": each.leader,
        "images_alone": each.images,
    }


def _component(part: Component) -> dict[str, Any]:
    return {"seeds": part.seeds, "sd": _part(part.sd), "share": _part(part.share)}


def _pair(each: Shared) -> dict[str, Any]:
    return {**asdict(each), "source": each.source or None, "removed": _part(each.removed)}


def _part(part: Part | None) -> dict[str, Any] | None:
    return None if part is None else {"value": part.value, "interval": part.interval and asdict(part.interval)}
