"""Softmax cross-entropy, its gradient and what it got right, in one pass over the logits."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target


@dataclass(frozen=True)
class CrossEntropy(Kernel):
    """logits, labels, live, counts → dlogits = (softmax − onehot) / images; tally += (loss, right).

    Lanes without an image count for nothing. Right means that the first largest logit is the label's.
    """

    logits: Plane
    slopes: Plane
    pointers = 6

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        logits, labels, live, counts, slopes, tally = memory
        label, alive, zero = labels.words(0), live.vector(0), code.constant(0)
        classes = range(self.logits.channels)
        values = [logits.vector(self.logits.at(k, 0, 0)) for k in classes]
        best, which = values[0], code.word(0)
        for k in classes[1:]:
            above = values[k] > best
            which = code.select(above, code.word(k), which)
            best = code.maximum(values[k], best)
        raised = [code.exp(value - best) for value in values]
        total = sum(raised[1:], raised[0])
        mine = values[0]
        for k in classes:
            is_label = label.equals(k)
            mine = code.select(is_label, values[k], mine)
            slope = raised[k] / total - code.select(is_label, code.constant(1), zero)
            slopes.put(self.slopes.at(k, 0, 0), code.select(alive > 0, slope * counts.spread(1), zero))
        lost = code.log(total) + best - mine
        tally.add(0, code.select(alive > 0, lost, zero))
        tally.add(1, code.select(which.equals(label), alive, zero))
