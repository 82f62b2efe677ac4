"""The networks of a study before they are trained, for everybody who has a question about them."""

from __future__ import annotations

from torch import nn

from normlab.models.jobs import job_of
from normlab.models.registry import build, structure
from normlab.spec import Arm, Study


class Untrained:
    """The arms' networks on the study's first seed: each is built once, when it is first asked for.

    Arms with one network share it, so it is to be looked at and never changed.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._built: dict[tuple[str, str, float], nn.Module] = {}

    def of(self, arm: Arm) -> nn.Module:
        """The arm's network. Raises what `build` raises."""
        which = structure(arm.recipe)
        if which not in self._built:
            self._built[which] = build(job_of(arm.recipe, self.study.seeds[0], self.study.root))
        return self._built[which]
