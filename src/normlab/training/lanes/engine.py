"""The lanes engine: what it covers, and its steppers. It compiles nothing and loads no llvmlite before it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.data.split import Split
from normlab.errors import EngineError
from normlab.models import build
from normlab.models.registry import structure
from normlab.records import Job
from normlab.training.engine import Refusal, Stepper


class Lanes:
    """The engine that compiles; see `Engine`. A network is tried out once by each of its objects."""

    name, width = "lanes", 1

    def __init__(self) -> None:
        self.tried: dict[tuple[object, ...], list[str]] = {}  # the names of what no step moves

    def covers(self, job: Job, shape: tuple[int, int, int], images: int = 0) -> Refusal | None:
        """See `Engine.covers`: kernels are there, and they give PyTorch's loss and gradient."""
        try:
            self._try(job, shape, images)
        except EngineError as error:
            return Refusal(str(error))
        except ImportError as error:
            return Refusal(f"the lanes engine needs llvmlite, which cannot be loaded: {error}")
        except Exception as error:  # noqa: BLE001 - whatever a model does, another engine may still train it
            said = (str(error).splitlines() or [""])[0]
            return Refusal(f"the lanes engine failed on {job.name}: {type(error).__name__}: {said}")
        return None

    def stepper(self, jobs: Sequence[Job], images: Split) -> Stepper:
        """See `Engine.stepper`."""
        from normlab.training.lanes.stepper import LanesStepper

        (job,) = jobs
        _check_device(job)
        return LanesStepper(job, images)

    def _try(self, job: Job, shape: tuple[int, int, int], images: int) -> None:
        from normlab.training.lanes.canary import try_out
        from normlab.training.lanes.images import check_room
        from normlab.training.lanes.target import fitting
        from normlab.training.lanes.update import check, check_fixed

        _check_device(job)
        check_room(images, shape)
        check(job.recipe.optimizer, job.recipe.active_penalty)
        network = (*structure(job.recipe), shape, fitting(job.recipe.batch_size))
        if network not in self.tried:
            self.tried[network] = try_out(job, shape)
        if self.tried[network]:
            check_fixed(build(job), self.tried[network], job.recipe.active_penalty)


def too_many(images: int, shape: tuple[int, int, int]) -> Refusal | None:
    """Why so many images of (C, H, W) cannot be addressed, whatever the network."""
    try:
        from normlab.training.lanes.images import check_room

        check_room(images, shape)
    except EngineError as error:
        return Refusal(str(error))
    except ImportError:
        return None  # whoever tries a network out says so
    return None


def _check_device(job: Job) -> None:
    if job.device != "cpu":
        raise EngineError(f"the lanes engine works on cpu, not on {job.device}")
