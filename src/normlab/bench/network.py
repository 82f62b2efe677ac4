"""Steps of any network by each engine, in turns: what a step costs on one core, of what it is made, what it holds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import torch

from normlab.allocator import freed_memory_kept
from normlab.bench.floor import operations, peak
from normlab.bench.layers import Layer, layers
from normlab.execution.spawn import context
from normlab.models import build
from normlab.models.imports import imports
from normlab.models.summary import parameter_count
from normlab.records import Job
from normlab.training.engines import ENGINES
from normlab.training.environment import processor
from normlab.training.footprint import BARE, footprint
from normlab.training.heat import Runner, noise
from normlab.training.threads import threads

CONTESTANTS = ("eager", "lanes")
Told = Callable[[str], object]


@dataclass(frozen=True)
class Stepped:
    """What an engine did with a norm.

    Args:
        norm, engine: which.
        seconds: that a step took this process, one figure a round; none where the engine refused.
        bytes: that it held beside Python and PyTorch.
        why: it refused; empty where it did not.
    """

    norm: str
    engine: str
    seconds: tuple[float, ...] = ()
    bytes: int = 0
    why: str = ""

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Steps:
    """A measurement's figures; `peak` is operations per second of a core, `operations` those of an image's training."""

    date: str
    command: str
    processor: str
    torch: str
    model: str
    shape: tuple[int, int, int]
    batch: int
    parameters: int
    peak: float
    operations: dict[str, float]
    stepped: tuple[Stepped, ...]
    layers: dict[str, tuple[Layer, ...]]

    def of(self, norm: str, engine: str) -> Stepped:
        """The figures of an engine with a norm."""
        return next(each for each in self.stepped if (each.norm, each.engine) == (norm, engine))


def measure(jobs: Sequence[Job], rounds: int, command: str, *, apart: bool, tell: Told = lambda _line: None) -> Steps:
    """Step each job's network, one of a norm, by every engine that covers it; nothing else should run meanwhile.

    Args:
        jobs: of one model, one of each norm.
        rounds: how often each steps; one more goes before them.
        command: what is said of how it was measured.
        apart: whether the time of each layer is measured too, of lanes.
        tell: told of each norm.
    """
    first, found, parts = jobs[0], list[Stepped](), dict[str, tuple[Layer, ...]]()
    with imports(first.recipe.model), threads(1), freed_memory_kept():
        for job in jobs:
            found += _in_turns(job, rounds)
            if apart and found[-1].seconds:
                parts[job.recipe.norm] = tuple(layers(job))
            tell(f"{job.recipe.norm}: {_told(found[-len(CONTESTANTS) :])}")
        models = {job.recipe.norm: build(job) for job in jobs}
        work = {norm: operations(model, first.shape) for norm, model in models.items()}
    return Steps(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=command,
        processor=processor(),
        torch=str(torch.__version__),
        model=first.recipe.model,
        shape=first.shape,
        batch=first.recipe.batch_size,
        parameters=parameter_count(models[first.recipe.norm]),
        peak=peak(),
        operations=work,
        stepped=tuple(found),
        layers=parts,
    )


def _in_turns(job: Job, rounds: int) -> list[Stepped]:
    images, batch = noise(job, job.shape, job.recipe.batch_size)
    runners, held, refused = dict[str, Runner](), dict[str, int](), dict[str, str]()
    for name in CONTESTANTS:
        engine = ENGINES[name]()
        if refusal := engine.covers(job, job.shape):
            refused[name] = refusal.why
            continue
        runners[name], held[name] = Runner(engine, job, images), held_for_a_step(name, job)
        runners[name].step(batch)  # which compiles
    times = [{name: runner.step(batch) for name, runner in runners.items()} for _ in range(rounds)]
    return [
        Stepped(job.recipe.norm, name, tuple(each[name] for each in times), held[name])
        if name in runners
        else Stepped(job.recipe.norm, name, why=refused[name])
        for name in CONTESTANTS
    ]


def held_for_a_step(name: str, job: Job) -> int:
    """Bytes that a new process comes to hold for a step: in this one others have left some."""
    with ProcessPoolExecutor(1, context()) as pool:
        return pool.submit(_holds, name, job).result()


def _holds(name: str, job: Job) -> int:
    with imports(job.recipe.model), threads(1), footprint() as taken:
        images, batch = noise(job, job.shape, job.recipe.batch_size)
        Runner(ENGINES[name](), job, images).step(batch)
    return max(0, taken.bytes - BARE)


def _told(stepped: Sequence[Stepped]) -> str:
    return ", ".join(f"{each.engine} {1e3 * each.median:.1f} ms" if each.seconds else each.why for each in stepped)


def markdown(steps: Steps) -> str:
    """The figures as a table, with what they were measured on, and where the time goes."""
    shape = "×".join(map(str, steps.shape))
    lines = [
        f"`{steps.command}` on {steps.date}: one core of {steps.processor}, torch {steps.torch}, network "
        f"`{steps.model}` ({steps.parameters:,} parameters), {steps.batch} images of {shape} a step. "
        f"Peak: {steps.peak / 1e9:.0f} GFLOP/s a core.",
        "",
        "| norm | engine | a step, ms, median (range) | images/s | against eager | share of peak | memory, MB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(steps, each) for each in steps.stepped),
    ]
    for norm, parts in steps.layers.items():
        lines += ["", f"Where a step of lanes goes with {norm}, measured layer by layer:", "", *_layers(parts)]
    return "\n".join(lines) + "\n"


def _row(steps: Steps, each: Stepped) -> str:
    if not each.seconds:
        return f"| {each.norm} | {each.engine} | {each.why.replace('|', '/')} | | | | |"
    low, high, middle = (1e3 * seconds for seconds in (min(each.seconds), max(each.seconds), each.median))
    eager, rate = steps.of(each.norm, "eager"), steps.batch / each.median
    ratios = sorted(a / b for a, b in zip(eager.seconds, each.seconds, strict=False))
    against = "" if each is eager else f"{statistics.median(ratios):.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    share = 100 * rate * steps.operations[each.norm] / steps.peak
    cells = (
        f"{middle:.1f} ({low:.1f} to {high:.1f})",
        f"{rate:,.0f}",
        against,
        f"{share:.0f} %",
        f"{each.bytes / 1e6:,.0f}",
    )
    return f"| {each.norm} | {each.engine} | {' | '.join(cells)} |"


def _layers(parts: Sequence[Layer]) -> list[str]:
    whole = sum(part.seconds for part in parts)
    rows = [f"| {part.name} | {1e3 * part.seconds:.2f} | {100 * part.seconds / whole:.0f} % |" for part in parts]
    return ["| layer | ms | share |", "| --- | ---: | ---: |", *rows]
