"""Cross-entropy: what the right class's probability is worth, −log p, mean over the evaluation images."""

from __future__ import annotations

import math

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen


def cross_entropy(seen: Seen) -> float | None:
    """After the last epoch, in nats, 0 or above; as it was worked out of logits, where no probability underflows.

    A proper score: the true probabilities have the lowest (I. J. Good, Rational Decisions, JRSS B 14, 1952).
    """
    loss = seen.run.epochs[-1].judged_loss
    return loss if math.isfinite(loss) else None


CROSS_ENTROPY = Outcome("cross-entropy", "cross-entropy", "nats", "nats", higher=False, digits=4, read=cross_entropy)
