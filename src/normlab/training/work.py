"""What a run does, however far its weights move: runs that do the same take as long as each other."""

from __future__ import annotations

from normlab.records import Job


def work(job: Job) -> tuple[str, str]:
    """The recipe but for rates, decay and the size of λ, and the code of one's own: what a run's time depends on."""
    recipe = job.recipe
    far = {"lr": 1.0, "momentum": 0.9 if recipe.optimizer.momentum else 0.0, "weight_decay": 0.0}
    penalty = recipe.penalty.model_copy(update={"lam": 1.0 if recipe.penalty.lam else 0.0})
    optimizer = recipe.optimizer.model_copy(update=far)
    return recipe.model_copy(update={"optimizer": optimizer, "penalty": penalty}).text, job.code


def batch(job: Job, images: int) -> int:
    """How many images a step of a job has, where so many are trained on."""
    return min(job.recipe.batch_size, trained(job, images))


def trained(job: Job, images: int) -> int:
    """How many images an epoch of a job has, where so many are there."""
    return job.recipe.train_images or images or job.recipe.batch_size
