"""What columns are usually called: scores, and which way they are better; the seed, the arm, the epoch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

ACCURACY = {"acc", "accuracy", "top1", "top5"}
HIGHER = {*ACCURACY, "auc", "auroc", "auprc", "bleu", "dice", "f1", "iou", "map", "mcc", "miou", "precision", "recall"}
LOWER = {"err", "error", "loss", "mae", "mse", "nll", "perplexity", "ppl", "rmse", "wer"}
SCORE = {"metric", "result", "score", "value"}
"""Words that say that it is a score, and not which way is better."""
HELD_OUT = {"dev", "eval", "test", "val", "valid", "validation"}
SEED = (
    "seed",
    "run_seed",
    "random_seed",
    "rng_seed",
    "manual_seed",
    "seed_everything",
    "random_state",
    "replicate",
    "repeat",
    "trial",
)
ARM = (
    "arm",
    "method",
    "model",
    "variant",
    "config",
    "condition",
    "treatment",
    "algorithm",
    "norm",
    "name",
    "experiment",
)
SUMMARY = {"average", "avg", "mean", "median", "sd", "sem", "std", "stdev", "±"}
"""Columns beside seeds that are worked out from them."""
EPOCH = ("epoch", "step", "global_step", "iteration")


def words(name: str) -> set[str]:
    """The words that a column's name is made of: val and acc for `valAcc`, `val/acc` and `val_acc1`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    parts = re.split(r"[^a-z0-9]+", apart)
    return {part for each in parts for part in (each, each.rstrip("0123456789"))}


def is_score(name: str) -> bool:
    """Whether a column is a score by its name."""
    return bool(words(name) & (HIGHER | LOWER | SCORE))


def is_held_out(name: str) -> bool:
    """Whether a score says that it was measured on images that were not trained on."""
    return bool(words(name) & HELD_OUT)


def is_accuracy(name: str) -> bool:
    """Whether a score is an accuracy."""
    return bool(words(name) & ACCURACY) and lower_is_better(name) is False


def lower_is_better(name: str) -> bool | None:
    """What a score's name says of its direction; None where it says nothing, or both."""
    found = words(name)
    if bool(found & HIGHER) is bool(found & LOWER):
        return None
    return bool(found & LOWER)


def known_as(names: Collection[str], usual: Sequence[str]) -> str | None:
    """The column that has one of the usual names, in their order; None without one.

    A nested name such as `optim.seed` or `optim/seed` is known by its last part, where it is the only one.
    """
    plain = {_plain(name): name for name in names}
    last = Counter(map(_last, plain))
    inner = {_last(name): whole for name, whole in plain.items() if last[_last(name)] == 1}
    return next((known[name] for name in usual for known in (plain, inner) if name in known), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _last(name: str) -> str:
    return re.split(r"[./]", name)[-1]
