"""How fast two networks classify on one thread, before and after, alternating in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch

from normlab.compaction import onnx_file
from normlab.compaction.shrink import Compacted
from normlab.training.threads import threads

BATCHES = (1, 128)
"""An image as it comes, and a batch that fills the processor's vector units."""
ROUNDS = 7
SECONDS = 0.1
"""That one figure is taken over, so that a round of both is short beside the machine's moods."""

Step = Callable[[], object]
Run = Callable[[torch.Tensor], object]


@dataclass(frozen=True)
class Speed:
    """Images a second on one thread: medians over rounds, and the median of the rounds' own ratios."""

    runtime: str
    batch: int
    before: float
    after: float
    ratio: float


def speeds(result: Compacted, *, onnx: bool, rounds: int = ROUNDS, seconds: float = SECONDS) -> tuple[Speed, ...]:
    """PyTorch's speed and, with `onnx`, ONNX Runtime's, at every size of `BATCHES`.

    The original is exported to ONNX in the same way. Every round measures every pair, first and second in turn.
    """
    with threads(1), torch.inference_mode():
        pairs = {(name, b): pair for name, both in _runtimes(result, onnx=onnx) for b, pair in _pairs(result, both)}
        times: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in pairs}
        for number in range(rounds + 1):
            for key, (before, after) in pairs.items():
                found = _both(before, after, key[1], seconds, swapped=bool(number % 2))
                if number:  # round 0 warms up
                    times[key].append(found)
    return tuple(Speed(*key, *_medians(found)) for key, found in times.items())


def _runtimes(result: Compacted, *, onnx: bool) -> Iterator[tuple[str, tuple[Run, Run]]]:
    both = (result.original, result.network)
    yield "PyTorch", both
    if onnx:
        first, second = (onnx_file.session(onnx_file.dump(model, result.network.image_shape)) for model in both)
        yield (
            "ONNX Runtime",
            (lambda x: first.run(None, {"images": x.numpy()}), lambda x: second.run(None, {"images": x.numpy()})),
        )


def _pairs(result: Compacted, both: tuple[Run, Run]) -> Iterator[tuple[int, tuple[Step, Step]]]:
    for batch in BATCHES:
        images = result.images[:batch]
        images = images.repeat(-(-batch // len(images)), 1, 1, 1)[:batch].contiguous()
        yield batch, (partial(both[0], images), partial(both[1], images))


def _both(before: Step, after: Step, batch: int, seconds: float, *, swapped: bool) -> tuple[float, float]:
    if swapped:
        second = _rate(after, batch, seconds)
        return _rate(before, batch, seconds), second
    return _rate(before, batch, seconds), _rate(after, batch, seconds)


def _rate(step: Step, batch: int, seconds: float) -> float:
    """Images a second over at least `seconds`."""
    start, steps = time.perf_counter(), 0
    while (taken := time.perf_counter() - start) < seconds or not steps:
        step()
        steps += 1
    return steps * batch / taken if steps else 0.0


def _medians(found: list[tuple[float, float]]) -> tuple[float, float, float]:
    before, after = zip(*found, strict=True)
    return median(before), median(after), median(a / b for b, a in found)
