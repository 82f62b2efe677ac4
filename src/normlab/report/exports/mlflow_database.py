"""A database for MLflow, `mlflow.db`, written by MLflow itself: `mlflow ui --backend-store-uri sqlite:///mlflow.db`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from normlab.records import Comparison
from normlab.report.exports.package import package
from normlab.report.exports.runs import LoggedRun, logged

FILE = "mlflow.db"


def write(comparison: Comparison, folder: Path) -> None:
    """An experiment for the study and a run for each of its runs; raises `MissingPackage` without MLflow."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # a study is told to nobody
    mlflow = package("mlflow", "a database of MLflow is written by its own package", "mlflow")
    client = mlflow.MlflowClient(f"sqlite:///{(folder / FILE).resolve()}")
    experiment = client.create_experiment(comparison.study.name, artifact_location="artifacts")
    for run in logged(comparison):
        _log(mlflow, client, experiment, run, comparison.study.name)


def _log(mlflow: Any, client: Any, experiment: str, run: LoggedRun, study: str) -> None:
    tags = {"mlflow.runName": run.name, "normlab.study": study, "normlab.key": run.key}
    made = client.create_run(experiment, tags=tags).info.run_id
    params = [mlflow.entities.Param(name, str(value)) for name, value in run.config.items()]
    metrics = [
        mlflow.entities.Metric(name, value, 0, epoch)
        for epoch, measured in run.epochs.items()
        for name, value in measured.items()
    ]
    for start in range(0, max(1, len(metrics)), 1000):  # MLflow takes so many at once
        client.log_batch(made, metrics[start : start + 1000], params if not start else [])
    client.set_terminated(made, "FAILED" if run.diverged else "FINISHED")
