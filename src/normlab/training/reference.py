"""The loop one would teach, top to bottom. Every engine has a test that it computes what this computes.

It shares with them what a run is by definition (its seeds' streams, its network, its schedule, its penalty and what a
record holds), and nothing of how they train.
"""

from __future__ import annotations

import math
import time

import torch
from torch import nn
from torch.nn import functional as F

from normlab import seeds
from normlab.data import Dataset
from normlab.data.plain import PlainFeed
from normlab.data.prepare import prepare
from normlab.data.split import split
from normlab.events import BatchDone, EpochDone, Tell, silent
from normlab.models import build
from normlab.penalties import Term, abs_sum, of_recipe
from normlab.records import Epoch, Job, RunRecord
from normlab.training.after_epochs import AfterEpochs
from normlab.training.device import device_called
from normlab.training.masks import Masks
from normlab.training.memory import Memory
from normlab.training.optim import optimizer_for, set_rate
from normlab.training.record import record_of
from normlab.training.schedule import rate
from normlab.training.sizes import sizes


def train(job: Job, data: Dataset, tell: Tell = silent, memory: Memory | None = None) -> RunRecord:
    """Train the job's network on its seed and give what the run leaves behind.

    Args:
        job: recipe, arm, seed and device.
        data: the recipe's data set as it is stored.
        tell: told of every batch and epoch.
        memory: where the run is saved between epochs, and goes on from.

    The process's own torch random state is left as it was.
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if job.device == "cuda" else []):
        return _train(job, data, tell, memory)


def _train(job: Job, data: Dataset, tell: Tell, memory: Memory | None) -> RunRecord:
    recipe, device = job.recipe, device_called(job.device)
    images = prepare(split(data, recipe, job.root, job.division), recipe.preprocess)
    feed = PlainFeed(images, recipe, job.root, device)
    batches = math.ceil(len(images.train_labels) / recipe.batch_size)
    began = time.perf_counter()

    model = build(job).to(device)
    masks = Masks(model)
    penalty = of_recipe(recipe) or Term(0.0)  # none is one of λ = 0 on the weights
    penalty.attach(model)
    optimizer = optimizer_for(model, recipe.optimizer)
    penalty.watch(optimizer)

    saved = AfterEpochs(memory, job, data, model, optimizer, penalty)
    epochs, kernels, before = saved.go_on()  # of a run that was cut; of others there are none
    began -= before
    probabilities = diverged_at = None
    for number in range(len(epochs) + 1, recipe.epochs + 1):
        start = time.perf_counter()
        loss_sum, penalty_sum, right, seen = 0.0, 0.0, 0, 0
        torch.manual_seed(seeds.integer(job.root, "torch", job.replicate, number))
        masks.begin(job.root, job.replicate, number)
        model.train()
        for batch, (x, y) in enumerate(feed.epoch(job.replicate, number)):
            step = (number - 1) * batches + batch
            learning_rate = rate(recipe.schedule, recipe.optimizer.lr, step, recipe.epochs * batches)
            set_rate(optimizer, learning_rate)
            with masks.passing():
                logits = model(x)
            loss = F.cross_entropy(logits, y)
            loss_sum += loss.item() * len(y)
            penalty_sum += penalty.value(model).item()
            right += int((logits.argmax(1) == y).sum())
            seen += len(y)
            optimizer.zero_grad()
            torch.autograd.backward(loss + penalty.loss(model))
            optimizer.step()
            penalty.step(optimizer)
            tell(BatchDone(job.name, recipe.epochs, number, batch + 1, batches, loss_sum / seen, right, seen))
        logits, labels = _judged(model, feed)
        epoch = Epoch(
            epoch=number,
            learning_rate=learning_rate,
            train_loss=loss_sum / seen,
            penalty=penalty_sum / batches,
            abs_sum=abs_sum(penalty.values(model)).item(),
            train_correct=right,
            train_images=seen,
            judged_loss=F.cross_entropy(logits, labels).item(),
            judged_correct=int((logits.argmax(1) == labels).sum()),
            judged_images=len(labels),
            seconds=time.perf_counter() - start,
        )
        if not math.isfinite(epoch.train_loss + epoch.penalty + epoch.judged_loss):
            probabilities, diverged_at = None, number
            break
        epochs.append(epoch)
        kernels[number] = sizes(model, number)
        probabilities = logits.softmax(1).cpu().numpy()
        tell(EpochDone(job.name, recipe.epochs, epoch))
        saved.save(epochs, kernels, time.perf_counter() - began)

    penalty.collapse(model)
    if diverged_at is None:
        kernels[recipe.epochs] = sizes(model, recipe.epochs)  # a penalty may have tidied up
    return record_of(
        *(job, data, model),
        epochs=epochs,
        probabilities=probabilities,
        sizes=[size for of_epoch in kernels.values() for size in of_epoch],
        seconds=time.perf_counter() - began,
        diverged_at=diverged_at,
    )


@torch.no_grad()
def _judged(model: nn.Module, feed: PlainFeed) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (images, classes) and labels (images,) of the judged images, in eval mode."""
    model.eval()
    batches = [(model(x), y) for x, y in feed.judged()]
    logits, labels = zip(*batches, strict=True)
    return torch.cat(logits), torch.cat(labels)
