"""The command line, in this process: commands that train nothing, with words that no manual has."""

from __future__ import annotations

import os
import shlex
from functools import cache
from pathlib import Path

import typer.main
import typer.testing
from harness import Parser
from typer.testing import CliRunner

from normlab.cli import MISTYPED, app
from normlab.errors import SpecError
from parsers import claims, judged

# Building the command line takes longer than most of what it is asked here: a process needs it once.
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)

SEEDS = (
    "compare --print-toml --norms bn,gn:2 --l1 0,1e-4 --seeds 3 --epochs 4",
    "compare --print-toml --set optimizer.lr=0.1 --vary batch_size=32,128 --arm 'big: batch_size=512 norm=ln'",
    "compare --print-toml --preprocess clahe --margin 0.2 --level 0.9 --baseline bn --ask norm",
    "compare --print-toml --model-args '{\"hidden\": [50]}' --model mlp --data mnist --holdout 100",
    "path --print-toml --lambdas 1e-3,1e-2 --penalty prox,group --seeds 0,1",
    "explain bn --cell 1,2,1,1 --gamma 1,2,3",
    "explain clahe",
    "summary course --norm gn:2",
    "runs first --where norm=bn --where seed=3 --format csv",
    "report first --margin 0.2 --level 0.9",
    "data show photos --resize 32 --grey",
    "claims table.csv --level 0.9 --format json",
    "judge runs.csv --arm norm --score val_acc --margin 0.2 --level 0.9",
    "calibrate first --studies 10 --seeds 3,5",
    "convert nets.py:make --to gn:4 --size 3x32x32 --dry-run",
    "export first --arm bn --seed 2 --to csv",
)

WITHOUT_WORK = {
    "compare": ("--print-toml",),
    "path": ("--print-toml", "--lambdas", "1e-3"),
    "calibrate": ("--studies", "10"),
}
"""What keeps a command that is spelled rightly from what it is there for: training, or half a minute of simulation."""


def read(case: bytes, folder: Path) -> int:
    """Its exit code; raises what the command raises."""
    text = case.decode(errors="replace").replace("\0", "")
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    if not words or words[0] in ("train", "bench", "assignment", "--install-completion", "--show-completion"):
        return 0
    words += WITHOUT_WORK.get(words[0], ())
    _fill(folder)
    os.chdir(folder)
    done = CliRunner().invoke(app, words, standalone_mode=False)
    if isinstance(done.exception, MISTYPED):
        raise SpecError(str(done.exception) or "mistyped")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code


def _fill(folder: Path) -> None:
    for name, content in {"table.csv": claims.SEEDS[0], "runs.csv": judged.SEEDS[0]}.items():
        (folder / name).write_bytes(content)


PARSER = Parser("command line", lambda: [text.encode() for text in SEEDS], read)
