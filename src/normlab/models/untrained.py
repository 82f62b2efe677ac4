"""The networks of a study before they are trained, for everybody who has a question about them."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from normlab.errors import SpecError
from normlab.models.jobs import Material, model_place
from normlab.models.output import check_output, check_seeded
from normlab.models.registered import norm_place
from normlab.models.registry import build, structure
from normlab.records import Job
from normlab.spec import Arm, Recipe, Study


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

    def checked(self) -> Iterator[tuple[Arm, nn.Module]]:
        """The arms with their networks, each seen to be one that can be trained fairly, and none another arm's.

        Raises what `build` raises, `NetworkError` where one cannot be trained, `SpecError` where two are the same.
        """
        seen: dict[tuple[str, str, str], str] = {}
        for arm in self.study.arms:
            network = self.of(arm)
            self._check(arm, network)
            other = seen.setdefault(_identity(arm.recipe, self.material.codes[arm.recipe], network), arm.name)
            if other != arm.name:
                raise SpecError(f"the arms {other!r} and {arm.name!r} are the same network: leave one out")
            yield arm, network

    def _check(self, arm: Arm, network: nn.Module) -> None:
        """A network that is all normlab's own is known to be fair: leading images through it takes half a second."""
        own = [place for place in (model_place(arm.recipe.model), norm_place(arm.recipe.norm)) if place]
        if own and network not in self._checked:
            check_output(network, self._job(arm))
            if model_place(arm.recipe.model):
                check_seeded(network, Untrained(self.study, self.material).of(arm), self._job(arm))
            self._checked.add(network)

    def _job(self, arm: Arm) -> Job:
        return self.material.job(arm.recipe, self.study.seeds[0], self.study.root)


def _identity(recipe: Recipe, code: str, network: nn.Module) -> tuple[str, str, str]:
    """What tells arms apart whose norms have several names, as `ln` and `gn:1`, or whose code lies in two places."""
    return recipe.model_copy(update={"norm": ""}).text, code, repr(network)
