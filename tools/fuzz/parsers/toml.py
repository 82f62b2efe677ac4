"""TOML of a study."""

from __future__ import annotations

from pathlib import Path

from harness import Parser

from normlab.spec import read as read_study

SEEDS = (
    """name = "norms"
seeds = [0, 1, 2]
questions = ["norm"]
baseline = "bn · batch 32"
[recipe]
preset = "lean"
epochs = 4
optimizer.lr = {base = 0.1, per = "batch_size", at = 128}
[recipe.penalty]
lambda = 1e-4
on = "weights"
[vary]
norm = ["bn", "gn:4"]
batch_size = [32, 128]
[verdict]
margin = 0.1
level = 0.95
""".encode(),
    b"""seeds = 3
until_settled = true
arms = [{name = "big", batch_size = 512}, {norm = "ln", optimizer.lr = 0.1}, {"penalty.lambda" = 0.001}]
vary = {epochs = [1, 2], "augment.crop" = [0, 2]}
""",
)


def read(case: bytes, folder: Path) -> object:
    """The study, its arms, and the file that it writes back."""
    path = folder / "study.toml"
    path.write_bytes(case)
    study = read_study(path)
    return study.arms, study.factors, study.to_toml()


PARSER = Parser("TOML", lambda: SEEDS, read)
