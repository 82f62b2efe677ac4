"""Which engine a study is trained with: one for all its arms, so that no difference comes of the engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from normlab.errors import EngineError
from normlab.records import Job


@dataclass(frozen=True)
class Choice:
    """An engine's name, and why it is not the fastest one; empty where it is, or where it was asked for."""

    engine: str
    why: str = ""


def choose(jobs: Sequence[Job], shape: tuple[int, int, int], used: Collection[str] = ()) -> Choice:
    """The engine for all of a study's jobs, for images of (C, H, W).

    Args:
        jobs: a job of every arm; they ask for the same engine, "auto" or a name.
        used: the engines that the study's finished runs were made with.

    "auto" is `lanes` on a CPU where it covers every arm, and else `eager`. Raises `EngineError` where `lanes` is asked
    for, or finished runs were made with it, and it cannot take an arm.
    """
    asked = jobs[0].engine
    if asked == "auto" and used:
        asked = sorted(used)[0]
    if asked not in ("auto", "lanes"):
        return Choice(asked)
    if jobs[0].device != "cpu":
        if asked == "lanes":
            raise EngineError(f"the lanes engine works on cpu, not on {jobs[0].device}: use engine eager")
        return Choice("eager")
    problem = _problem(jobs, shape)
    if not problem:
        return Choice("lanes")
    if asked == "lanes":
        made = ", and this study's finished runs were made with it" if used else ""
        raise EngineError(f"{problem}{made}: use engine eager, which makes another study of it")
    return Choice("eager", problem)


def _problem(jobs: Sequence[Job], shape: tuple[int, int, int]) -> str:
    """Why the lanes engine cannot take one of the arms; empty where it can take all."""
    job = jobs[0]
    try:
        from normlab.training.lanes import update
        from normlab.training.lanes.canary import try_out

        for job in jobs:
            update.check(job.recipe.optimizer, job.arm.penalty)
        for job in {each.arm.norm: replace(each, engine="lanes") for each in jobs}.values():
            try_out(job, shape)
    except EngineError as error:
        return str(error)
    except ImportError as error:
        return f"the lanes engine needs llvmlite, which cannot be loaded: {error}"
    except Exception as error:  # noqa: BLE001 - whatever a model does, another engine may still train it
        said = (str(error).splitlines() or [""])[0]
        return f"the lanes engine failed on {job.arm.norm}: {type(error).__name__}: {said}"
    return ""
