"""Judge what the real tools leave behind, and what `normlab export` hands to them: both have to be the numbers put in.

make trackers
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from leave import RUNS, TOOLS

import normlab
from normlab.report.exports import write
from normlab.tables import Judgement

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from comparisons import make_comparison  # the factory of the tests

WANTED = normlab.judge([{**run.config, "val_acc": run.scores[-1]} for run in RUNS], arm="norm")
STUDY = make_comparison(vary={"norm": ["bn", "gn:4", "ln"]}, seeds=4, errors={"gn:4": 0.003}, diverged=[("ln", 3, 2)])
ENDS = normlab.judge(
    [{"arm": run.arm, "seed": run.seed, "acc": run.final.judged_accuracy} for run in STUDY.runs if not run.diverged_at]
)
PACKAGES = {"hydra": "hydra-core", "lightning": "pytorch-lightning"}


def same(found: Judgement, wanted: Judgement) -> bool:
    """Whether two judgements say the same of every pair, to the last digit."""
    one, other = ([(pair.kind, pair.interval, pair.seeds) for pair in each.pairs] for each in (found, wanted))
    return one == other


def left(folder: Path) -> Iterator[tuple[str, bool]]:
    """Of each store that a tool has left whether it is judged as its numbers are."""
    for name, leave in TOOLS.items():
        home = folder / name
        home.mkdir()
        leave(home)
        yield name, same(normlab.judge(home, score="value" if "optuna" in name else "val_acc"), WANTED)


def exported(folder: Path) -> Iterator[tuple[str, bool]]:
    """Of each tracker whether what it was given is judged as the study is, a run that diverged left out."""
    for form in ("mlflow", "wandb", "tensorboard"):
        path = write(STUDY, form, folder / f"exported_{form}").path
        yield f"{form}_export", same(normlab.judge(path, arm="arm", score="judged_accuracy"), ENDS)
    yield "tensorboard_reader", _as_tensorboard_reads(folder / "exported_tensorboard")


def _as_tensorboard_reads(folder: Path) -> bool:
    """Whether TensorBoard's own reader finds the scalars and the hyperparameters."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    run = next(run for run in STUDY.runs if (run.arm, run.seed) == ("gn:4", 2))
    read = EventAccumulator(str(folder / "gn-4-seed2")).Reload()
    scalars = [(each.step, round(each.value, 3)) for each in read.Scalars("judged_accuracy")]
    content = read.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    hparams = HParamsPluginData.FromString(content).session_start_info.hparams
    made_with = hparams["norm"].string_value, hparams["seed"].number_value
    wanted = [(epoch.epoch, round(epoch.judged_accuracy, 3)) for epoch in run.epochs]
    return scalars == wanted and made_with == ("gn:4", 2.0)


def main() -> int:
    """A line for each; 1 if one of them disagrees."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, agrees in (*left(Path(folder)), *exported(Path(folder))):
            tool = name.partition("_")[0]
            package = PACKAGES.get(tool, tool)
            print(f"{name:<20} {package} {version(package):<8} {'agrees' if agrees else 'DISAGREES'}", flush=True)
            wrong += not agrees
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
