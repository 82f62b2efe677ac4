"""The networks of a study before they are trained, for everybody who has a question about them."""

from __future__ import annotations

from torch import nn

from normlab.models.jobs import Material, model_place
from normlab.models.output import check_output, check_seeded
from normlab.models.registered import norm_place
from normlab.models.registry import build, structure
from normlab.records import Job
from normlab.spec import Arm, Study


class Untrained:
    """The arms' networks on the study's first seed: each is built once, when it is first asked for.

    Arms with one network share it, so it is to be looked at and never changed.
    """

    def __init__(self, study: Study, material: Material | None = None) -> None:
        self.study = study
        self._material = material
        self._checked: set[nn.Module] = set()
        self._built: dict[tuple[str, str, str, float], nn.Module] = {}

    @property
    def material(self) -> Material:
        """What their jobs are made of, looked up when it is first asked for; raises what `Material.of` raises."""
        self._material = self._material or Material.of(self.study)
        return self._material

    def of(self, arm: Arm) -> nn.Module:
        """The arm's network. Raises what `build` raises."""
        which = structure(arm.recipe)
        if which not in self._built:
            self._built[which] = build(self._job(arm))
        return self._built[which]

    def checked(self, arm: Arm) -> nn.Module:
        """The arm's network, seen to be one that can be trained fairly; raises `NetworkError` otherwise.

        A network that is all normlab's own is known to be one: leading images through it takes half a second.
        """
        network = self.of(arm)
        own = [place for place in (model_place(arm.recipe.model), norm_place(arm.recipe.norm)) if place]
        if own and network not in self._checked:
            check_output(network, self._job(arm))
            if model_place(arm.recipe.model):
                check_seeded(network, self._job(arm))
            self._checked.add(network)
        return network

    def _job(self, arm: Arm) -> Job:
        return self.material.job(arm.recipe, self.study.seeds[0], self.study.root)
