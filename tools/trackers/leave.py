"""What other people's tools leave behind of the same little study, each written by the real tool.

Six runs, two norms on three seeds and three epochs each, so that every store has to give the same verdict.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

SCORES = {
    "bn": [(97.1, 98.2, 99.31), (97.3, 98.4, 99.25), (97.2, 98.1, 99.36)],
    "gn": [(97.4, 98.6, 99.43), (97.0, 98.5, 99.37), (97.5, 98.3, 99.46)],
}
"""Accuracy in percent after each epoch, by norm and seed."""


class Run(NamedTuple):
    """One run: what it was made with, and what was measured after each epoch."""

    norm: str
    seed: int
    scores: tuple[float, ...]

    @property
    def name(self) -> str:
        """As people name a run's folder."""
        return f"{self.norm}_seed{self.seed}"

    @property
    def config(self) -> dict[str, object]:
        """What it was made with."""
        return {"norm": self.norm, "seed": self.seed, "lr": 0.1}

    def logged(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Each epoch with its measures."""
        for epoch, score in enumerate(self.scores):
            yield epoch, {"val_acc": score, "train_loss": (100 - score) / 30}


RUNS = [Run(norm, seed, scores) for norm, all_scores in SCORES.items() for seed, scores in enumerate(all_scores)]


def mlflow_files(folder: Path) -> None:
    """A file store, as MLflow 2 has it by default."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    _mlflow(folder, (folder / "mlruns").resolve().as_uri())


def mlflow_sqlite(folder: Path) -> None:
    """A database, as MLflow 3 has it by default."""
    _mlflow(folder, f"sqlite:///{folder.resolve()}/mlflow.db")


def _mlflow(folder: Path, uri: str) -> None:
    import mlflow

    mlflow.set_tracking_uri(uri)
    home = mlflow.create_experiment("norms", artifact_location=(folder.resolve() / "artifacts").as_uri())
    for run in [*RUNS, Run("bn", 9, (1.0, 1.0, 1.0))]:
        with mlflow.start_run(experiment_id=home, run_name=run.name) as started:
            mlflow.log_params(run.config)
            for epoch, measured in run.logged():
                mlflow.log_metrics(measured, step=epoch)
        if run.seed == 9:  # as runs go that somebody did not want
            mlflow.delete_run(started.info.run_id)


def tensorboard(folder: Path) -> None:
    """A folder a run, named after what it is."""
    from torch.utils.tensorboard import SummaryWriter

    for run in RUNS:
        with SummaryWriter(folder / "runs" / run.name) as writer:
            for epoch, measured in run.logged():
                for name, value in measured.items():
                    writer.add_scalar(name, value, epoch)


def tensorboard_hparams(folder: Path) -> None:
    """The hparams plugin, by which a run says what it was made with."""
    from torch.utils.tensorboard import SummaryWriter

    for place, run in enumerate(RUNS):
        with SummaryWriter(folder / "hparams" / f"run{place}") as writer:
            writer.add_hparams(run.config, {"val_acc": run.scores[-1]}, run_name=".")


def lightning(folder: Path) -> None:
    """`lightning_logs`, by Lightning's CSVLogger."""
    from pytorch_lightning.loggers import CSVLogger

    for run in RUNS:
        logger = CSVLogger(folder)
        logger.log_hyperparams(run.config)
        for epoch, measured in run.logged():
            logger.log_metrics({"train_loss": measured["train_loss"], "epoch": epoch}, step=10 * epoch + 5)
            logger.log_metrics({"val_acc": measured["val_acc"], "epoch": epoch}, step=10 * epoch + 9)
        logger.finalize("success")


HYDRA = """
import csv
from pathlib import Path
import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from leave import RUNS

ConfigStore.instance().store(name="config", node={"norm": "bn", "seed": 0, "lr": 0.1})

@hydra.main(version_base=None, config_name="config")
def main(config):
    run = next(run for run in RUNS if (run.norm, run.seed) == (config.norm, config.seed))
    rows = [{"epoch": epoch, **measured} for epoch, measured in run.logged()]
    with (Path(HydraConfig.get().runtime.output_dir) / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

main()
"""


def hydra(folder: Path) -> None:
    """A multirun whose jobs write `metrics.csv`."""
    (folder / "train.py").write_text(HYDRA)
    where = ["hydra.sweep.dir=multirun/2026-01-01/12-00-00"]
    subprocess.run(
        [sys.executable, "train.py", "--multirun", "norm=bn,gn", "seed=0,1,2", *where],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
    )
    (folder / "train.py").unlink()


def optuna_sqlite(folder: Path) -> None:
    """A study in a database."""
    _optuna(f"sqlite:///{folder.resolve()}/study.db")


def optuna_journal(folder: Path) -> None:
    """A study in a journal."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    _optuna(JournalStorage(JournalFileBackend(str(folder / "journal.log"))))


def _optuna(storage: object) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    search = {"norm": ["bn", "gn"], "seed": [0, 1, 2]}
    study = optuna.create_study(
        study_name="norms", direction="maximize", storage=storage, sampler=optuna.samplers.GridSampler(search, seed=0)
    )

    def objective(trial: optuna.Trial) -> float:
        norm, seed = trial.suggest_categorical("norm", ["bn", "gn"]), trial.suggest_int("seed", 0, 2)
        trial.suggest_float("lr", 0.1, 0.1)
        return SCORES[norm][seed][-1]

    study.optimize(objective)
    study.enqueue_trial({"norm": "bn", "seed": 1})
    study.ask()  # one that is still running
    study.optimize(_pruned, n_trials=1)


def _pruned(_: object) -> float:
    import optuna

    raise optuna.TrialPruned


def wandb(folder: Path) -> None:
    """Offline runs."""
    import wandb as tracker

    os.environ["WANDB_SILENT"] = "true"
    for run in RUNS:
        with tracker.init(
            project="norms",
            name=run.name,
            config=run.config,
            mode="offline",
            dir=folder,
            settings=tracker.Settings(disable_git=True, save_code=False, x_disable_stats=True),
        ) as started:
            for epoch, measured in run.logged():
                started.log({**measured, "epoch": epoch})
    tracker.teardown()  # waits until a process of its own has written the last run's end


TOOLS: dict[str, Callable[[Path], None]] = {
    made.__name__: made
    for made in (
        mlflow_files,
        mlflow_sqlite,
        tensorboard,
        tensorboard_hparams,
        lightning,
        hydra,
        optuna_sqlite,
        optuna_journal,
        wandb,
    )
}
