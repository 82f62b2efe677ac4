"""An epoch in two lines, as the course's own loop prints them."""

from __future__ import annotations

from normlab.records import Epoch


def train_line(epoch: Epoch, epochs: int) -> str:
    """Loss, penalty where there is one, and accuracy on the training images, of `epochs` epochs in all."""
    penalty = f" Penalty={epoch.penalty:.4f} Sum|p|={epoch.abs_sum:.1f}" if epoch.penalty else ""
    return (
        f"Epoch {epoch.epoch}/{epochs}: Loss={epoch.train_loss:.4f}{penalty} "
        f"Accuracy={epoch.train_accuracy:.2f} ({epoch.seconds:.1f} s)"
    )


def test_line(epoch: Epoch) -> str:
    """The line that the original prints after each epoch."""
    return (
        f"Test set: Average loss: {epoch.judged_loss:.4f}, "
        f"Accuracy: {epoch.judged_correct}/{epoch.judged_images} ({epoch.judged_accuracy:.2f}%)"
    )
