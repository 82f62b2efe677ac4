"""Which engine a study is trained with: one for all its arms, so that no difference comes of the engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from normlab.errors import EngineError
from normlab.models.imports import imports
from normlab.records import Job
from normlab.spec.places import title
from normlab.training.eager import Eager
from normlab.training.engine import Engine, Refusal
from normlab.training.engines import ENGINES
from normlab.training.heat import Retired
from normlab.training.lanes.engine import Lanes, too_many
from normlab.training.prior import surely_eager, surely_lanes
from normlab.training.raced import raced


@dataclass(frozen=True)
class EngineChoice:
    """An engine's name, and why it is this one; empty where it was asked for, or nothing need be said."""

    engine: str
    why: str = ""


def choose(
    jobs: Sequence[Job], shape: tuple[int, int, int], used: Collection[str] = (), images: int = 0, begun: str = ""
) -> EngineChoice:
    """The engine for all of a study's jobs, for images of (C, H, W).

    Args:
        jobs: a job of every arm; they ask for the same engine, "auto" or a name.
        shape: of an image.
        used: the engines that the study's finished runs were made with.
        images: how many there are at most, to train on or to judge.
        begun: the engine that the study was begun with, perhaps elsewhere, though none of its runs is finished.

    "auto" is `eager` where an arm is large or not for lanes, `lanes` where it is known to be faster, and else what the
    study was begun with, or the winner of a race. Raises `EngineError` where an engine that is asked for, or that
    finished runs were made with, cannot take an arm.
    """
    asked = jobs[0].engine
    if asked == "auto" and used:
        asked = sorted(used)[0]
    if asked == "auto":
        return _fastest(jobs, shape, images, begun)
    refusal = _refusal(asked, jobs, shape, images)
    if refusal:
        made = ", and this study's finished runs were made with it" if used else ""
        raise EngineError(f"{refusal.why}{made}: use engine eager, which makes another study of it")
    return EngineChoice(asked)


def _fastest(jobs: Sequence[Job], shape: tuple[int, int, int], images: int, begun: str) -> EngineChoice:
    if jobs[0].device != "cpu":
        return EngineChoice(Eager.name)  # lanes are a processor's: there is nothing to explain
    if refusal := too_many(images, shape) or _large(jobs, shape, images) or _refusal(Lanes.name, jobs, shape, images):
        return EngineChoice(Eager.name, refusal.why)
    if surely_lanes(jobs, images):
        return EngineChoice(Lanes.name)
    if begun in ENGINES:  # another race could end differently, and both would train all runs
        return EngineChoice(begun, "the study was begun with it")
    return _winner(jobs, shape, images)


def _large(jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> Refusal | None:
    with imports(jobs[0].recipe.model):
        return Refusal(why) if (why := surely_eager(jobs, shape, images)) else None


def _winner(jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> EngineChoice:
    """Who won the race, and by how much; where one failed, the other."""
    try:
        seconds = raced([Eager(), Lanes()], jobs, shape, images)
    except Retired as error:
        return EngineChoice(Eager.name if error.engine == Lanes.name else Lanes.name, str(error))
    winner, loser = sorted(seconds, key=lambda name: seconds[name])
    models = sorted({title(job.recipe.model) for job in jobs})
    times = seconds[loser] / seconds[winner]
    return EngineChoice(winner, f"{times:.1f} × {loser} on {' and '.join(models)} (raced)")


def _refusal(name: str, jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> Refusal | None:
    """Why an engine cannot take one of the jobs; the plain loop takes them all."""
    if name not in ENGINES:
        return None
    engine = ENGINES[name]()
    return next((refusal for job in jobs if (refusal := _covers(engine, job, shape, images))), None)


def _covers(engine: Engine, job: Job, shape: tuple[int, int, int], images: int) -> Refusal | None:
    with imports(job.recipe.model):  # it is tried out
        return engine.covers(job, shape, images)
