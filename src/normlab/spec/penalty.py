"""What is added to the data loss, or done to the parameters after each step in its place."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import ConfigDict, Field, model_validator

from normlab.spec.base import NonNegative, Spec
from normlab.spec.setting import Setting

Kind = Literal["subgrad", "prox", "spred", "group", "gamma", "l2", "elastic"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of penalties; `normlab.penalties` has a file for each."""
LABELS: dict[Kind, str] = {"subgrad": "L1", "l2": "L2"}
"""What kinds are called in the names of arms, where that is not their own name."""
USUAL = "usual"


def _charged(recipe: Any) -> bool:
    return bool(recipe.penalty.lam)


def _mixed(recipe: Any) -> bool:
    return _charged(recipe) and recipe.penalty.kind == "elastic"


class Penalty(Spec):
    """A kind of penalty with its λ; λ = 0 is no penalty, whatever the kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    kind: Annotated[Kind, Setting("Kind of penalty.", option="penalty", title="kind of penalty", when=_charged)] = (
        "subgrad"
    )
    lam: Annotated[
        NonNegative,
        Field(alias="lambda", strict=True),
        Setting("λ of the penalty; 0 is none.", word="λ", scale="log", option="lambda l1", title="λ"),
    ] = 0.0
    on: Annotated[
        str,
        Field(min_length=1),
        Setting(
            "What it acts on: weights (kernels), all (as the course), scales (γ of norms) or a pattern of names;"
            " usual is scales for gamma and weights for the others.",
            option="on l1-on",
            title="penalised parameters",
            when=_charged,
        ),
    ] = USUAL
    mix: Annotated[
        float,
        Field(ge=0, le=1),
        Setting("For elastic, the share of L1.", "mix", scale="ordered", title="share of L1", when=_mixed),
    ] = 0.5

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.lam and self.kind == "gamma" and self.on in ("weights", "all"):
            raise ValueError(f"gamma acts on 'scales' or a pattern of their names, got on = {self.on!r}")
        if self.lam and self.kind != "elastic" and self.mix != 0.5:
            raise ValueError(f"mix is the share of L1 in an elastic penalty, and this one is {self.kind}")
        return self

    @property
    def scope(self) -> str:
        """The parameters that it acts on, with what is usual spelled out."""
        if self.on != USUAL:
            return self.on
        return "scales" if self.kind == "gamma" else "weights"

    @property
    def stated_on(self) -> str:
        """`on`, and "usual" where that means the same: by it arms are told apart."""
        usual = self.model_copy(update={"on": USUAL})
        return USUAL if self.scope == usual.scope else self.on

    @property
    def label(self) -> str:
        """What its kind is called, for instance `prox` or `L1`."""
        return LABELS.get(self.kind, self.kind)

    @property
    def family(self) -> str:
        """What penalties that differ in λ alone are called together, for instance `prox` or `L1 on all`."""
        return self.label + self._aside

    @property
    def name(self) -> str:
        """What it is called in the names of arms, for instance `prox 0.0001` or `L1 0.001 on all`; empty for none."""
        return f"{self.label} {self.lam:g}{self._aside}" if self.lam else ""

    @property
    def exact_name(self) -> str:
        """The name with all digits of λ, for arms that differ in the last of them."""
        return f"{self.label} {self.lam!r}{self._aside}" if self.lam else ""

    @property
    def _aside(self) -> str:
        usual = "scales" if self.kind == "gamma" else "weights"
        place = "" if self.scope == usual else f" on {self.scope}"
        return ("" if self.mix == 0.5 else f" mix {self.mix:g}") + place
