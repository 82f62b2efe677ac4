"""What the real tools have left, as `tools/trackers/trim.py` keeps it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

FOUND = Path(__file__).parent / "tables" / "found"
TOOLS = {
    "mlflow_files": "MLflow's files",
    "mlflow_sqlite": "MLflow's database",
    "wandb": "Weights & Biases' run folders",
    "tensorboard": "TensorBoard's event files",
    "tensorboard_hparams": "TensorBoard's event files",
    "lightning": "Lightning's CSV logs",
    "hydra": "Hydra's jobs",
    "optuna_sqlite": "Optuna's database",
    "optuna_journal": "Optuna's journal",
}


def left(tool: str, folder: Path) -> Path:
    """What a tool has left, in a copy that a test may change."""
    home = folder / tool
    shutil.copytree(FOUND / tool, home)
    for dump in home.glob("*.sql"):
        with closing(sqlite3.connect(dump.with_suffix(""))) as database:
            database.executescript(dump.read_text())
        dump.unlink()
    return home
