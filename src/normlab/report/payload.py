"""Every number of a view as plain values, for JSON and for the page; `results.schema.json` says what they are."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from normlab.analysis import Contrast, Curve, Facts, Interaction, Question
from normlab.analysis.arms import ArmRow, Estimate
from normlab.analysis.beliefs import believed, unbelieved
from normlab.analysis.classes import Classes
from normlab.analysis.evidence import Elsewhere, Evidence
from normlab.analysis.flow import Ill
from normlab.analysis.health import Health
from normlab.analysis.layers import LayerRow
from normlab.analysis.others import Other, Others, Reached
from normlab.analysis.path import Path
from normlab.analysis.scale import ScaleRow
from normlab.analysis.sparsity import SparsityRow
from normlab.analysis.tuning import TunedArm
from normlab.records import Epoch
from normlab.report import sourced
from normlab.report.view import View
from normlab.report.words.registered import differences
from normlab.spec import Study, find
from normlab.spec.registration import Registered
from normlab.stats.intervals import Interval
from normlab.stats.verdict import Verdict

APART = ("kind", "seeds", "growing", "anew", "withheld")
"""Fields of a verdict that are told in another way."""


def to_json(view: View, **counts: int) -> str:
    """All numbers of a view as JSON, and what was counted beside it; what is not defined is null."""
    return json.dumps(payload(view) | counts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def payload(view: View, most: int | None = None) -> dict[str, Any]:
    """All numbers of a view as plain values; accuracies in percent, differences in the unit of the outcome.

    With more than `most` epochs, what has numbers for each run or each pair is left out (null): `--format json` has it.
    """
    facts = view.facts
    small = most is None or sum(len(curve.epochs) for curve in facts.curves) <= most
    return {
        "study": facts.study.name,
        "factors": list(facts.study.factors),
        "rules": facts.rules.looks.value,
        "grown_after": asdict(facts.grown_after) if facts.grown_after else None,
        "registered": _registered(facts.comparison.registered),
        "tuning": _tuning(facts),
        "outcome": _outcome(facts),
        "judged_on": facts.judged_on,
        "images": facts.images,
        "runs_finished": facts.finished,
        "runs_missing": facts.owed,
        "headline": view.headline,
        "take": view.glance.take,
        "next": view.glance.command,
        "findings": list(view.findings),
        "arms": [_arm(view, row) for row in facts.arms],
        "questions": [_question(question, facts) for question in facts.questions] if small else None,
        "interactions": [_interaction(interaction) for interaction in facts.interactions] if small else None,
        "weights": [_weights(row) for row in facts.sparsity],
        "layers": [_layer(each.arm.name, row) for each in facts.layers for row in each.kernels],
        "scale": [_scale(row) for row in facts.scale],
        "paths": [_path(each) for each in facts.paths],
        "misled": [asdict(each) for each in facts.misled],
        "health": [_health(row) for row in facts.health],
        "flow": [_ill(ill) for ill in facts.flow],
        "evidence": [_evidence(one, facts.rules.margin) for one in facts.evidence] if small else None,
        "sources": sourced.numbers(facts),
        "others": explored(facts.others) if small and facts.others else None,
        "environments": [asdict(where) | {"runs": runs} for where, runs in facts.environments],
        "seconds": facts.seconds,
        "runs": [_run(curve) for curve in facts.curves] if small else None,
    }


def _outcome(facts: Facts) -> dict[str, Any]:
    """What arms are judged by, in which unit differences are, which way is better, and what does not matter."""
    outcome, margin = facts.outcome, facts.rules.margin
    return {"outcome": outcome.name, "unit": outcome.apart, "better": outcome.better, "margin": margin}


def _registered(registered: Registered | None) -> dict[str, Any] | None:
    """When, how many runs there were then, and what is otherwise now; nothing of a study that was not registered."""
    if registered is None:
        return None
    was = registered.registration
    known = {"when": was.registered, "trained": was.trained, "design": was.digest}
    return {**known, "differences": [*differences(was.design, registered.now)]}


def _tuning(facts: Facts) -> dict[str, Any] | None:
    """Where the arms' values come from, and every trial; nothing of a study that was not tuned."""
    if facts.study.tuning is None:
        return None
    return {**facts.study.tuning.model_dump(mode="json"), "arms": [_tuned(each) for each in facts.tuned]}


def _tuned(each: TunedArm) -> dict[str, Any]:
    trials = [{"values": dict(t.point), "accuracies": list(t.accuracies), "mean": t.mean} for t in each.trials]
    return {"arm": each.arm, "chosen": dict(each.best.point), "expected_best": list(each.expected), "trials": trials}


def _arm(view: View, row: ArmRow) -> dict[str, Any]:
    """What the table has, which runs failed, and the percent right of each class."""
    diverged, collapsed = [asdict(run) for run in row.diverged], [asdict(run) for run in row.collapsed]
    right = _right(view.facts.classes, row.name)
    return {**columns(row, view.facts.study), "diverged": diverged, "collapsed": collapsed, "classes": right}


def _right(classes: Classes | None, arm: str) -> dict[str, float]:
    """The percent right of each judged class by its name; nothing of an arm without a finished run."""
    found = classes.right.get(arm, {}) if classes else {}
    return {row.name: found[row.number] for row in classes.rows if row.number in found} if classes else {}


def columns(row: ArmRow, study: Study) -> dict[str, Any]:
    """An arm's name, its levels and what it reached."""
    return {
        "arm": row.name,
        **{path: find(path).of(row.arm.recipe) for path in study.factors},
        "recipe": row.arm.recipe.digest,
        "parameters": row.parameters,
        "seeds_finished": len(row.seeds),
        "seeds_diverged": len(row.diverged),
        "seeds_at_chance": len(row.at_chance),
        "seeds_collapsed": len(row.collapsed),
        **_both("outcome", row.score),
        **_both("final_accuracy", row.final),
        **_both("last_epochs_accuracy", row.last),
        **_both("best_epoch_accuracy", row.best),
        **_both("best_train_accuracy", row.best_train),
        "fluctuation": row.fluctuation,
        **_both("seconds", row.seconds),
    }


def _both(name: str, value: Estimate | None) -> dict[str, float | None]:
    mean, sd = (value.mean, value.sd) if value else (None, None)
    return {f"{name}_mean": mean, f"{name}_sd": sd}


def _question(question: Question, facts: Facts) -> dict[str, Any]:
    contrasts = [
        _contrast(contrast) | {"chance": facts.chance(contrast)} | _elsewhere(facts.elsewhere(contrast))
        for contrast in question.contrasts
    ]
    return {"factor": question.factor, "arms": list(question.arms), "contrasts": contrasts}


def _elsewhere(found: Elsewhere | None) -> dict[str, Any]:
    """The second interval, beside the first."""
    interval, alone = (asdict(found.interval), found.images_alone) if found else (None, None)
    return {"on_other_images": interval, "images_alone": alone}


def _contrast(contrast: Contrast) -> dict[str, Any]:
    known = asdict(contrast)
    known.pop("outcome")  # that of all of them
    failures = known.pop("failures")
    counts = failures.pop("counts")
    counts.pop("paired")  # in a study all are
    return {
        **_judged(known, contrast.verdict),
        "failures": {**counts, "verdict": failures.pop("often").value, **failures},
    }


def _weights(row: SparsityRow) -> dict[str, Any]:
    return {
        "arm": row.arm.name,
        "weights": row.weights,
        **_both("abs_sum", row.abs_sum),
        **_both("zero_percent", row.zero),
        **_both("near_zero_percent", row.near_zero),
        **_both("train_accuracy", row.train),
        **_both("gap", row.gap),
    }


def _layer(arm: str, row: LayerRow) -> dict[str, Any]:
    return {"arm": arm, **{name: _plain(value) for name, value in vars(row).items()}}


def _scale(row: ScaleRow) -> dict[str, Any]:
    return {
        "arm": row.arm.name,
        **_both("charged", row.charged),
        **_both("along", row.along),
        "steps": [_finite(step) for step in row.steps],
        "change": row.seen.change,
        "flipped": row.seen.flipped,
    }


def _path(path: Path) -> dict[str, Any]:
    points = [
        {
            "lambda": point.lam,
            **_both("accuracy", point.accuracy),
            **_both("zero_percent", point.zero),
            **_both("near_zero_percent", point.near_zero),
        }
        for point in path.points
    ]
    choice = path.choice
    return {
        "kind": choice.kind,
        "chosen": choice.chosen.name,
        "best": choice.best.name,
        "standard_error": choice.error,
        "tested": path.tested and {name: _plain(value) for name, value in vars(path.tested).items()},
        "points": points,
    }


def _plain(value: Any) -> Any:
    """An estimate as its mean, spread and seeds' values, an interval by its ends, anything else as it is."""
    if isinstance(value, Estimate):
        return {"mean": value.mean, "sd": value.sd, "values": list(value.values)}
    return asdict(value) if isinstance(value, Interval) else value


def _health(row: Health) -> dict[str, Any]:
    verdict = _judged({"verdict": asdict(row.verdict)}, row.verdict) if row.verdict else {"verdict": None}
    verdict.pop("withheld", None)  # no run of its arm is left out
    return {
        "arm": row.arm.name,
        "images": row.images,
        **_both("gap", row.gap),
        **_both("recalibrated_accuracy", row.recalibrated),
        **verdict,
        "drift": row.drift,
        "layer": row.where,
        **_both("idle", row.idle),
    }


def _ill(ill: Ill) -> dict[str, Any]:
    return asdict(ill) | {"arm": ill.arm.name, "trouble": ill.trouble.value, "value": _finite(ill.value)}


def _interaction(interaction: Interaction) -> dict[str, Any]:
    known = asdict(interaction)
    return {**known.pop("crossing"), **_judged(known, interaction.verdict)}


def _judged(known: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """What is `known` of something that was judged, with its verdict spread out."""
    plain = {name: value for name, value in known.pop("verdict").items() if name not in APART}
    growing, anew = verdict.growing, verdict.anew
    return {
        **known,
        "verdict": verdict.kind.value,
        **plain,
        "more": verdict.more,
        "more_range": asdict(growing.range) if growing else None,
        "fresh": verdict.fresh,
        "fresh_range": asdict(anew.range) if anew else None,
        "withheld": verdict.withheld.value if verdict.withheld else None,
    }


def _evidence(one: Evidence, margin: float) -> dict[str, Any]:
    found = believed(one.contrast, margin)
    view = {"beliefs": asdict(found) if found else None, "no_beliefs": unbelieved(one.contrast)}
    known = asdict(one)
    known.pop("contrast")
    known.pop("elsewhere")  # stands beside the pair's own interval
    return {"first": one.contrast.first, "second": one.contrast.second, **known, **view}


def explored(others: Others) -> dict[str, Any]:
    """What differs in other outcomes; numbers in each outcome's own unit, an infinite difference null."""
    return {
        "confidence": others.confidence,
        "outcomes": [
            {"outcome": each.name, "unit": each.apart, "better": each.better, "compared": each in others.outcomes}
            for each in (*others.outcomes, *others.beside)
        ],
        "arms": [_reached(one) for one in others.reached],
        "pairs": [_other(pair) for pair in others.pairs],
    }


def _reached(one: Reached) -> dict[str, Any]:
    known = {"arm": one.arm, "outcome": one.outcome.name, "never": one.never, "unrecorded": one.unrecorded}
    return known | {"values": [*one.estimate.values] if one.estimate else [], **_both("value", one.estimate)}


def _other(pair: Other) -> dict[str, Any]:
    return {
        "factor": pair.contrast.factor,
        "first": pair.contrast.first,
        "second": pair.contrast.second,
        "outcome": pair.outcome.name,
        "seeds": [*pair.seeds],
        "differences": [_finite(each) for each in pair.differences],
        "apart": pair.apart,
        **asdict(pair.found),
    }


def _run(curve: Curve) -> dict[str, Any]:
    flow = [asdict(each) | {"activation": _finite(each.activation), "pull": _finite(each.pull)} for each in curve.flow]
    return {"arm": curve.arm, "seed": curve.seed, "epochs": [_epoch(epoch) for epoch in curve.epochs], "flow": flow}


def _epoch(epoch: Epoch) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in vars(epoch).items()}


def _finite(value: float) -> float | None:
    """A loss may overflow without ending the run; JSON has no word for that."""
    return value if math.isfinite(value) else None
