"""L1 on the scales γ of norms, by a proximal step: λ·Σ|γ|. A channel whose γ is zero is constant and can be removed.

Unlike a weight in front of a norm, γ is not divided away again. Source: Z. Liu et al., Learning efficient convolutional
networks through network slimming, ICCV 2017, who leave it to a subgradient and a threshold; here zeros are exact.
"""

from __future__ import annotations

from torch import nn

from normlab.penalties.prox import Prox
from normlab.penalties.scope import Named, among


class Gamma(Prox):
    """λ·Σ|γ| over the scales of norms; a pattern in `on` chooses some of them."""

    usual_scope = "scales"

    def targets(self, model: nn.Module) -> Named:
        """The scales of norms, or those of them that match."""
        return among(model, "scales", self.on)
