"""A publication of a study that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from normlab.analysis import judge
from normlab.archive.judged import stated
from normlab.archive.publication import Publication, publication
from normlab.records import Comparison, Environment, RunRecord
from normlab.spec import Study


def of(comparison: Comparison, date: str, tables: Mapping[str, Any] | None = None) -> Publication:
    """That of a study, as far as its runs are there; `tables` are the study's, if they are to be others than its own.

    Raises `SpecError` where the tables are of another study.
    """
    study = comparison.study
    values = {
        "study": dict(tables or study.to_dict()),
        "date": date,
        "made": sorted({_place(run.environment) for run in comparison.runs}),
        "images": len(comparison.labels),
        "looks": [asdict(look) for look in comparison.looks],
        "scores": _scores(study, comparison.runs),
        "verdicts": [each.model_dump() for each in stated(judge(comparison))],
    }
    return publication(values, study.name)


def _scores(study: Study, runs: Sequence[RunRecord]) -> dict[str, dict[int, int | None]]:
    """By arm and seed, both in the study's order."""
    found = {(run.arm, run.seed): _right(run) for run in runs}
    return {
        arm.name: {seed: found[arm.name, seed] for seed in study.seeds if (arm.name, seed) in found}
        for arm in study.arms
    }


def _right(run: RunRecord) -> int | None:
    return run.final.judged_correct if run.diverged_at is None else None


def _place(where: Environment) -> str:
    return (
        f"{where.engine} engine on {where.device}, {where.processor}, {where.system}, "
        f"torch {where.torch}, normlab {where.normlab}"
    )
