"""The kinds of penalties by name.

subgrad   λ·Σ|p| in the loss; no exact zeros
prox      λ·Σ|p| by a proximal step after the optimizer's; exact zeros
spred     λ·Σ|p| by factors W = U⊙V under weight decay; near zeros
group     λ·Σ√n·‖W_c‖ over output channels, proximal; whole channels are zero
gamma     λ·Σ|γ| over the scales of norms, proximal; whole channels are constant
l2        (λ/2)·Σp² in the loss
elastic   λ·(mix·Σ|p| + (1 − mix)/2·Σp²), its L1 proximal
"""

from __future__ import annotations

from functools import partial

from normlab import spec
from normlab.errors import UnknownName
from normlab.penalties.elastic import Elastic
from normlab.penalties.gamma import Gamma
from normlab.penalties.group import Group
from normlab.penalties.l2 import L2
from normlab.penalties.prox import Prox
from normlab.penalties.spred import Spred
from normlab.penalties.subgrad import Subgrad
from normlab.penalties.term import Term

PENALTIES: dict[str, type[Term]] = {
    "subgrad": Subgrad,
    "prox": Prox,
    "spred": Spred,
    "group": Group,
    "gamma": Gamma,
    "l2": L2,
    "elastic": Elastic,
}


def penalty(kind: str, lam: float, on: str | None = None, *, mix: float = 0.5) -> Term:
    """A penalty for anyone's loop; see `Term`.

    Args:
        kind: one of `PENALTIES`.
        lam: λ, a finite number of at least 0.
        on: what it acts on: "weights" (the default; "scales" for gamma), "all", "scales", or a pattern of names.
        mix: for `elastic`, the share of L1.

    Raises `UnknownName` or `SpecError`.
    """
    if kind not in PENALTIES:
        raise UnknownName("penalty kind", kind, PENALTIES)
    chosen = partial(Elastic, mix=mix) if kind == "elastic" else PENALTIES[kind]
    return chosen(lam, on)


def of_recipe(recipe: spec.Recipe) -> Term | None:
    """The penalty of a recipe; None for none.

    A recipe's weight decay is on weights, and stays there where `spred` makes them products: SGD's is in the loss.
    """
    wanted = recipe.active_penalty
    if wanted is None:
        return None
    term = penalty(wanted.kind, wanted.lam, wanted.scope, mix=wanted.mix)
    if isinstance(term, Spred) and recipe.optimizer.kind == "sgd":
        term.ridge = recipe.optimizer.weight_decay
    return term
