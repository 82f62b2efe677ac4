"""The playground of a report: the finished networks of a study, and how a picture is made an image of its data set."""

from __future__ import annotations

from dataclasses import asdict

from normlab.data import Dataset
from normlab.errors import StoreError
from normlab.playground.arms import arms
from normlab.playground.section import section
from normlab.prediction import Habits
from normlab.records import Comparison
from normlab.show.section import Section


def playground(comparison: Comparison, data: Dataset) -> Section:
    """The part of a report in which all networks vote; raises `StoreError` where no run is finished."""
    study = comparison.study
    if not any(comparison.of(arm.name) for arm in study.arms):
        raise StoreError(
            f"no playground of {study.name}: no run is finished; train first: normlab compare {study.name}"
        )
    habits = asdict(Habits.of(data)) | {"own": data.pictures}
    return section(comparison, arms(comparison, data), habits)
