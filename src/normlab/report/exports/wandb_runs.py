"""Runs for Weights & Biases, written by its own package and offline: `wandb sync` uploads them, if that is wanted."""

from __future__ import annotations

import os
from pathlib import Path

from normlab.records import Comparison
from normlab.report.exports.package import package
from normlab.report.exports.runs import logged


def write(comparison: Comparison, folder: Path) -> None:
    """`wandb/offline-run-…` for each run; raises `MissingPackage` without wandb."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # a study is told to nobody
    wandb = package("wandb", "runs of Weights & Biases are written by its own package", "wandb")
    quiet = wandb.Settings(silent=True, console="off", disable_git=True, save_code=False, x_disable_stats=True)
    others = wandb.run is not None
    for run in logged(comparison):
        begun = wandb.init(
            project=comparison.study.name,
            name=run.name,
            group=run.arm,
            config={**run.config, "key": run.key},
            dir=folder,
            mode="offline",
            reinit="create_new",
            settings=quiet,
        )
        for epoch, measured in run.epochs.items():
            begun.log({**measured, "epoch": epoch})
        begun.finish(exit_code=int(run.diverged))
    if not others:
        wandb.teardown()  # waits for the process that writes; the user's own run, if there is one, needs it
