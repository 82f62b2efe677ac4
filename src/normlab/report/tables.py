"""The arms as a table for other programs and documents: JSON and CSV at full precision, Markdown rounded."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from normlab.analysis import Curve, Interaction, Question
from normlab.analysis.arms import ArmRow, Estimate
from normlab.analysis.classes import Classes
from normlab.analysis.evidence import Evidence
from normlab.analysis.flow import Ill
from normlab.analysis.health import Health
from normlab.errors import UnknownName
from normlab.records import Comparison, Epoch
from normlab.report.view import View, build
from normlab.show.numbers import MISSING, estimate, fixed
from normlab.spec import Study, find


def table(comparison: Comparison, format: str, *, kept: int = 0, trained: int = 0) -> str:  # noqa: A002 - as the option
    """The arms of a comparison as text.

    Args:
        comparison: what to show.
        format: `json` (with every epoch of every run), `csv` (one row for each arm), `markdown` or `latex`.
        kept, trained: how many runs there were before, and how many came with the call that this is the result of.

    Raises:
        UnknownName: for another format.
    """
    writers: dict[str, Callable[[View], str]] = {"csv": _csv, "markdown": _markdown, "latex": _latex}
    writers["json"] = partial(to_json, kept=kept, trained=trained)
    if format not in writers:
        raise UnknownName("table format", format, writers)
    return writers[format](build(comparison))


def to_json(view: View, **counts: int) -> str:
    """All numbers of a view as JSON, and what was counted beside it; what is not defined is null."""
    return json.dumps(payload(view) | counts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def payload(view: View, most: int | None = None) -> dict[str, Any]:
    """All numbers of a view as plain values, in percent and percentage points.

    With more than `most` epochs, what has numbers for each run or each pair is left out (null): `--format json` has it.
    """
    facts = view.facts
    small = most is None or sum(len(curve.epochs) for curve in facts.curves) <= most
    return {
        "study": facts.study.name,
        "factors": list(facts.study.factors),
        "rules": facts.rules.looks.value,
        "grown_after": asdict(facts.grown_after) if facts.grown_after else None,
        "judged_on": facts.judged_on,
        "images": facts.images,
        "runs_finished": facts.finished,
        "runs_missing": facts.owed,
        "headline": view.headline,
        "findings": list(view.findings),
        "arms": [_columns(row, facts.study) | {"classes": _right(facts.classes, row.name)} for row in facts.arms],
        "questions": [_question(question) for question in facts.questions] if small else None,
        "interactions": [_interaction(interaction) for interaction in facts.interactions] if small else None,
        "health": [_health(row) for row in facts.health],
        "flow": [_ill(ill) for ill in facts.flow],
        "evidence": [_evidence(one) for one in facts.evidence] if small else None,
        "runs": [_run(curve) for curve in facts.curves] if small else None,
    }


def _right(classes: Classes | None, arm: str) -> dict[str, float]:
    """The percent right of each judged class by its name; nothing of an arm without a finished run."""
    found = classes.right.get(arm, {}) if classes else {}
    return {row.name: found[row.number] for row in classes.rows if row.number in found} if classes else {}


def _columns(row: ArmRow, study: Study) -> dict[str, Any]:
    return {
        "arm": row.name,
        **{path: find(path).of(row.arm.recipe) for path in study.factors},
        "recipe": row.arm.recipe.digest,
        "parameters": row.parameters,
        "seeds_finished": len(row.seeds),
        "seeds_diverged": len(row.diverged),
        "seeds_at_chance": len(row.at_chance),
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


def _question(question: Question) -> dict[str, Any]:
    contrasts = [_judged(asdict(contrast)) for contrast in question.contrasts]
    return {"factor": question.factor, "arms": list(question.arms), "contrasts": contrasts}


def _health(row: Health) -> dict[str, Any]:
    verdict = _judged({"verdict": asdict(row.verdict)}) if row.verdict else {"verdict": None}
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
    return {**known.pop("crossing"), **_judged(known)}


def _judged(known: dict[str, Any]) -> dict[str, Any]:
    verdict = known.pop("verdict")
    return {**known, "verdict": verdict.pop("kind").value, **{k: v for k, v in verdict.items() if k != "seeds"}}


def _evidence(one: Evidence) -> dict[str, Any]:
    known = asdict(one)
    known.pop("contrast")
    return {"first": one.contrast.first, "second": one.contrast.second, **known}


def _run(curve: Curve) -> dict[str, Any]:
    flow = [asdict(each) | {"activation": _finite(each.activation), "pull": _finite(each.pull)} for each in curve.flow]
    return {"arm": curve.arm, "seed": curve.seed, "epochs": [_epoch(epoch) for epoch in curve.epochs], "flow": flow}


def _epoch(epoch: Epoch) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in vars(epoch).items()}


def _finite(value: float) -> float | None:
    """A loss may overflow without ending the run; JSON has no word for that."""
    return value if math.isfinite(value) else None


def _csv(view: View) -> str:
    rows = [_columns(row, view.facts.study) for row in view.facts.arms]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _heads(view: View) -> list[str]:
    judged, window = view.facts.judged_on, view.facts.window
    return ["arm", "parameters", "seeds", f"final {judged} %", f"last {window} %", f"best {judged} %*", "train %"]


def _latex(view: View) -> str:
    """A tabular for the booktabs package."""
    rows = [_heads(view), *(_cells(row) for row in view.facts.arms)]
    heads, *body = [" & ".join(_escaped(cell) for cell in row) + r" \\" for row in rows]
    lines = [r"\begin{tabular}{l" + "r" * (len(rows[0]) - 1) + "}", r"\toprule", heads, r"\midrule", *body]
    note = "% Mean ± sd over seeds. * The best epoch is not used for any conclusion."
    return "\n".join([note, *lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _escaped(cell: str) -> str:
    special = {"%": r"\%", "&": r"\&", "_": r"\_", "#": r"\#", "±": r"$\pm$", "−": "$-$", MISSING: "--"}
    return "".join(special.get(letter, letter) for letter in cell)


def _markdown(view: View) -> str:
    heads = _heads(view)
    body = [_cells(row) for row in view.facts.arms]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *body]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\nMean ± sd over seeds. * The best epoch is not used for any conclusion.\n"


def _cells(row: ArmRow) -> list[str]:
    size = MISSING if row.parameters is None else f"{row.parameters:,}"
    best = fixed(row.best.mean if row.best else None)
    train = fixed(row.best_train.mean if row.best_train else None)
    seeds = str(len(row.seeds)) + (f" ({len(row.diverged)} diverged)" if row.diverged else "")
    return [row.name, size, seeds, estimate(row.final), estimate(row.last), best, train]
