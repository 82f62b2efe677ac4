"""Which engine a study is trained with: one for all its arms, so that no difference comes of the engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from normlab.errors import EngineError
from normlab.models.imports import imports
from normlab.models.registry import build, structure
from normlab.models.summary import parameter_count
from normlab.records import Job
from normlab.training.engine import Engine, Refusal
from normlab.training.engines import ENGINES

LARGE = 300_000
"""Parameters above which `auto` is not lanes: it makes half of eager's images a second with a perceptron of 547,410."""


@dataclass(frozen=True)
class EngineChoice:
    """An engine's name, and why it is not the fastest one; empty where it is, or where it was asked for."""

    engine: str
    why: str = ""


def choose(
    jobs: Sequence[Job], shape: tuple[int, int, int], used: Collection[str] = (), images: int = 0
) -> EngineChoice:
    """The engine for all of a study's jobs, for images of (C, H, W).

    Args:
        jobs: a job of every arm; they ask for the same engine, "auto" or a name.
        shape: of an image.
        used: the engines that the study's finished runs were made with.
        images: how many there are at most, to train on or to judge.

    "auto" is `lanes` on a CPU where it covers every arm and none is large, and else `eager`. Raises `EngineError` where
    an engine that is asked for, or that finished runs were made with, cannot take an arm.
    """
    asked = jobs[0].engine
    if asked == "auto" and used:
        asked = sorted(used)[0]
    if asked == "auto":
        return _fastest(jobs, shape, images)
    refusal = _refusal(asked, jobs, shape, images)
    if refusal:
        made = ", and this study's finished runs were made with it" if used else ""
        raise EngineError(f"{refusal.why}{made}: use engine eager, which makes another study of it")
    return EngineChoice(asked)


def _fastest(jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> EngineChoice:
    if jobs[0].device != "cpu":
        return EngineChoice("eager")  # lanes are a processor's: there is nothing to explain
    refusal = _refusal("lanes", jobs, shape, images) or _large(jobs)
    return EngineChoice("eager", refusal.why) if refusal else EngineChoice("lanes")


def _large(jobs: Sequence[Job]) -> Refusal | None:
    """A weight that serves one position of an image is read for as little work: PyTorch's products reuse it better."""
    each = {structure(job.recipe): job for job in jobs}.values()
    largest = max(parameter_count(build(job)) for job in each)
    return Refusal(f"lanes is for small networks, and this one has {largest:,} parameters") if largest > LARGE else None


def _refusal(name: str, jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> Refusal | None:
    """Why an engine cannot take one of the jobs; the plain loop takes them all."""
    if name not in ENGINES:
        return None
    engine = ENGINES[name]()
    return next((refusal for job in jobs if (refusal := _covers(engine, job, shape, images))), None)


def _covers(engine: Engine, job: Job, shape: tuple[int, int, int], images: int) -> Refusal | None:
    with imports(job.recipe.model):  # it is tried out
        return engine.covers(job, shape, images)
