"""Are steps no slower than at the commit before? `make no-slower`; `--before REF` names another.

Both commits' sources take turns, each in processes of its own, and each time lanes is measured against eager PyTorch in
the same process: what slows the machine slows both. A network's figure is the median over turns of how many times as
fast as eager it is after, by before; where one is below `--least`, as many turns are made again, and all count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
NETWORKS = ("lean", "resnet8")
STEPS = 9
SHAPE, BATCH = (3, 32, 32), 128


def main() -> int:
    """Print a line a network; 1 where one is slower than it may be."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("networks", nargs="*", metavar="NETWORK", default=NETWORKS)
    asked.add_argument("--before", default="HEAD~1", metavar="REF")
    asked.add_argument("--least", type=float, default=0.93)
    asked.add_argument("--turns", type=int, default=5)
    asked.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.measure:
        print(*map(times_as_fast, given.networks))
        return 0
    if _git("rev-parse", "--verify", "--quiet", given.before).returncode:
        print(f"there is no {given.before} here: nothing to compare with")
        return 0
    if not _git("diff", "--quiet", given.before, "--", "src").returncode:
        print(f"the sources are those of {given.before}: nothing to compare")
        return 0
    with tempfile.TemporaryDirectory() as folder, _checked_out(given.before, Path(folder) / "before") as before:
        shares = _shares(before, given.networks, given.turns)
        if _slower(shares, given.least):
            shares = [a + b for a, b in zip(shares, _shares(before, given.networks, given.turns), strict=True)]
    for name, found in zip(given.networks, shares, strict=True):
        told = f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f}, {len(found)} turns)"
        print(f"{name}: {told} of how many times as fast as eager it was at {given.before}")
    return int(_slower(shares, given.least))


def times_as_fast(network: str) -> float:
    """How many times as fast as eager PyTorch lanes makes a step, on one thread, by the sources that are imported."""
    from normlab.allocator import keep_freed_memory
    from normlab.models.jobs import code_of
    from normlab.records import Job
    from normlab.spec import Recipe, canonical
    from normlab.training.eager import Eager
    from normlab.training.heat import Runner, noise
    from normlab.training.lanes.engine import Lanes
    from normlab.training.threads import threads

    keep_freed_memory()
    recipe = canonical(Recipe.model_validate({"model": network, "norm": "bn", "batch_size": BATCH}))
    job = Job(recipe, 0, code=code_of(recipe), shape=SHAPE)
    with threads(1):
        images, batch = noise(job, SHAPE, BATCH)
        runners = [Runner(engine, job, images) for engine in (Lanes(), Eager())]
        turns = [[runner.step(batch) for runner in runners] for _ in range(STEPS + 1)]
    return statistics.median(eager / lanes for lanes, eager in turns[1:])


def _shares(before: Path, networks: list[str], turns: int) -> list[list[float]]:
    """Of each network, after by before, in each turn."""
    found = [(_measured(before, before, networks), _measured(ROOT, before, networks)) for _ in range(turns)]
    return [[after[k] / old[k] for old, after in found] for k in range(len(networks))]


def _slower(shares: list[list[float]], least: float) -> bool:
    return min(map(statistics.median, shares)) < least


def _measured(tree: Path, beside: Path, networks: list[str]) -> list[float]:
    """Each network's figure by the sources of a tree; its kernels are compiled once, and kept beside a folder."""
    kernels = beside.with_name("kernels before" if tree == beside else "kernels after")
    kernels.mkdir(mode=0o700, exist_ok=True)
    own = {"PYTHONPATH": str(tree / "src"), "OMP_NUM_THREADS": "1", "NORMLAB_KERNELS": str(kernels)}
    command = [sys.executable, "-P", __file__, *networks, "--measure"]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{tree.name}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    return [float(word) for word in done.stdout.split()]


@contextmanager
def _checked_out(ref: str, tree: Path) -> Iterator[Path]:
    """The sources at a commit, for a while."""
    _git("worktree", "add", "--detach", str(tree), ref).check_returncode()
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - PATH's


if __name__ == "__main__":
    sys.exit(main())
