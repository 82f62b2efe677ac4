"""Every number of a suite as plain values; `suite.schema.json` says what they are."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from normlab.analysis import Contrast
from normlab.analysis.across import AcrossPair, Change
from normlab.stats.beliefs import Beliefs
from normlab.stats.intervals import Interval
from normlab.stats.verdict import Verdict
from normlab.suites import words
from normlab.suites.said import Part, Said


def to_json(said: Said, **counts: int) -> str:
    """All numbers as JSON, and what was counted beside them; what is not defined is null."""
    return json.dumps(payload(said) | counts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def payload(said: Said) -> dict[str, Any]:
    """All numbers as plain values; differences are first − second in the unit of the outcome."""
    outcome = said.outcome
    return {
        "suite": said.name,
        "seeds": [*said.seeds],
        "rules": said.rules.looks.value,
        "level": said.rules.level,
        "outcome": {
            "outcome": outcome.name,
            "unit": outcome.apart,
            "better": outcome.better,
            "margin": said.rules.margin,
        },
        "headline": words.headline(said),
        "depends": words.depends(said),
        "findings": words.findings(said),
        "data": [_part(part) for part in said.parts],
        "pairs": [_pair(pair) for pair in said.across.pairs],
    }


def _part(part: Part) -> dict[str, Any]:
    arms = [
        {
            "arm": row.name,
            "mean": row.score.mean if row.score else None,
            "sd": row.score.sd if row.score else None,
            "seeds": len(row.seeds),
            "parameters": row.parameters,
        }
        for row in part.arms
    ]
    known = {"images": part.images, "judged_on": part.judged_on, "classes": part.classes, "arms": arms}
    return {"data": part.label, "study": part.study, **known}


def _pair(pair: AcrossPair) -> dict[str, Any]:
    return {
        "factor": pair.everywhere.factor,
        "first": pair.arms[0],
        "second": pair.arms[1],
        "on": {label: _contrast(one) for label, one in pair.on.items()},
        "over_all": _contrast(pair.everywhere),
        "on_data_like_these": _known(pair.like),
        "beliefs": _known(pair.believed),
        "beliefs_on_data_like_these": _known(pair.believed_like),
        "changes": [_change(change) for change in pair.changes],
    }


def _contrast(one: Contrast) -> dict[str, Any]:
    counts = {name: [*getattr(one.failures.counts, name)] for name in ("runs", "failed", "alone")}
    return {"seeds": [*one.seeds], "differences": [*one.differences], **_verdict(one.verdict), "failures": counts}


def _change(change: Change) -> dict[str, Any]:
    known = {"here": change.here, "there": change.there, "seeds": [*change.seeds]}
    return {**known, "differences": [*change.differences], **_verdict(change.verdict)}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.kind.value,
        "withheld": verdict.withheld.value if verdict.withheld else None,
        "mean": verdict.mean,
        "interval": _known(verdict.interval),
        "differs": verdict.differs,
        "equal": verdict.equal,
    }


def _known(found: Interval | Beliefs | None) -> dict[str, float] | None:
    return asdict(found) if found else None
