"""Are steps no slower than at the commit before? `make no-slower`; `--before REF` names another.

Two processes, one by each commit's sources, wait for each other on one core: a step of lanes here, a step there, so
that what slows the machine slows two steps that follow each other. A turn's figure is the median of what such two steps
took before, by after; a turn has processes of its own, because where memory comes to lie makes some faster than others.
A network's figure is the median over turns. Where one is below `--least`, as many turns are made again, and all count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
NETWORKS = ("lean", "resnet8")
STEPS = 31
SHAPE, BATCH = (3, 32, 32), 128


def main() -> int:
    """Print a line a network; 1 where one is slower than it may be."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("networks", nargs="*", metavar="NETWORK", default=NETWORKS)
    asked.add_argument("--before", default="HEAD~1", metavar="REF")
    asked.add_argument("--least", type=float, default=0.93)
    asked.add_argument("--turns", type=int, default=5)
    asked.add_argument("--steps-of", metavar="NETWORK", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.steps_of:
        return steps_of(given.steps_of)
    if _git("rev-parse", "--verify", "--quiet", given.before).returncode:
        print(f"there is no {given.before} here: nothing to compare with")
        return 0
    if not _git("diff", "--quiet", given.before, "--", "src").returncode:
        print(f"the sources are those of {given.before}: nothing to compare")
        return 0
    with tempfile.TemporaryDirectory() as folder, _checked_out(given.before, Path(folder) / "before") as before:
        return max([_compared(name, before, given) for name in given.networks])


def steps_of(network: str) -> int:
    """Make a step of lanes for every line that is read, by the sources that are imported, and print its seconds."""
    from normlab.allocator import keep_freed_memory
    from normlab.models.jobs import code_of
    from normlab.records import Job
    from normlab.spec import Recipe, canonical
    from normlab.training.heat import Runner, noise
    from normlab.training.lanes.engine import Lanes
    from normlab.training.threads import threads

    keep_freed_memory()
    recipe = canonical(Recipe.model_validate({"model": network, "norm": "bn", "batch_size": BATCH}))
    job = Job(recipe, 0, code=code_of(recipe), shape=SHAPE)
    with threads(1):
        images, batch = noise(job, SHAPE, BATCH)
        runner = Runner(Lanes(), job, images)
        for _ in sys.stdin:
            print(runner.step(batch), flush=True)
    return 0


def _compared(network: str, before: Path, given: argparse.Namespace) -> int:
    """Print the line of a network; 1 where it is slower than it may be."""
    found = [_turn(network, before) for _ in range(given.turns)]
    if statistics.median(found) < given.least:
        found += [_turn(network, before) for _ in range(given.turns)]
    middle = statistics.median(found)
    told = f"{middle:.2f} ({min(found):.2f} to {max(found):.2f}, {len(found)} turns)"
    print(f"{network}: {told} times as fast as at {given.before}", flush=True)
    return int(middle < given.least)


def _turn(network: str, before: Path) -> float:
    """How many times as fast it is after as before, by two processes of their own."""
    with _stepper(network, before, before) as old, _stepper(network, ROOT, before) as new:
        _step(old), _step(new)  # compiles, and touches memory for the first time
        return statistics.median(_pair(old, new, old_first=bool(k % 2)) for k in range(STEPS))


def _pair(old: subprocess.Popen[str], new: subprocess.Popen[str], old_first: bool) -> float:
    """What a step took before, by what the one beside it took after."""
    first, second = (old, new) if old_first else (new, old)
    share = _step(first) / _step(second)
    return share if old_first else 1 / share


def _step(process: subprocess.Popen[str]) -> float:
    with suppress(BrokenPipeError):
        print(file=process.stdin, flush=True)
    if not (said := process.stdout.readline()):
        sys.exit((process.stderr.read().strip().splitlines() or ["no word"])[-1])
    return float(said)


@contextmanager
def _stepper(network: str, tree: Path, beside: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that makes steps by a tree's sources, on the first core; its kernels are compiled once, and kept."""
    kernels = beside.with_name("kernels before" if tree == beside else "kernels after")
    kernels.mkdir(mode=0o700, exist_ok=True)
    own = {"PYTHONPATH": str(tree / "src"), "OMP_NUM_THREADS": "1", "NORMLAB_KERNELS": str(kernels)}
    command = [sys.executable, "-P", __file__, "--steps-of", network]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=os.environ | own, text=True, **pipes) as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        yield process
        process.stdin.close()


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
