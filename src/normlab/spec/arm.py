"""One treatment: a norm, a preprocessing if it is the arm's own, and a penalty if any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from normlab.spec.base import NonNegative, Spec
from normlab.spec.preprocess import Preprocess

Kind = Literal["subgrad", "prox", "spred", "group", "gamma", "l2", "elastic"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of penalties; `normlab.penalties` has a file for each."""
LABELS: dict[Kind, str] = {"subgrad": "L1", "l2": "L2"}
"""What kinds are called in the names of arms, where that is not their own name."""


class Penalty(Spec):
    """What is added to the data loss, or done to the parameters after each step in its place.

    Args:
        kind: one of `KINDS`.
        lam: λ, written `lambda` in files; 0 is no penalty.
        on: the parameters that it acts on: "weights" (kernels of convolutions and linear layers), "all", "scales" (γ of
            norms), or a pattern of parameter names such as "conv*.weight". Kind `gamma` acts on "scales", all others on
            "weights" unless they are told.
        mix: for `elastic`, the share of L1, from 0 (all L2) to 1 (all L1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    kind: Kind
    lam: Annotated[NonNegative, Field(alias="lambda", strict=True)]
    on: Annotated[str, Field(min_length=1)] = "weights"
    mix: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="before")
    @classmethod
    def _on_scales(cls, given: Any) -> Any:
        """`gamma` acts on scales where nothing is said."""
        if isinstance(given, Mapping) and given.get("kind") == "gamma":
            return {"on": "scales", **given}
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "gamma" and self.on in ("weights", "all"):
            raise ValueError(f"gamma acts on 'scales' or a pattern of their names, got on = {self.on!r}")
        if self.kind != "elastic" and self.mix != 0.5:
            raise ValueError(f"mix is the share of L1 in an elastic penalty, and this one is {self.kind}")
        return self

    @model_serializer(mode="wrap")
    def _without_idle_mix(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in plain(self).items() if key != "mix" or self.kind == "elastic"}

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
        """What it is called in the names of arms, for instance `prox 0.0001` or `L1 0.001 on all`."""
        return f"{self.label} {self.lam:g}{self._aside}"

    @property
    def _aside(self) -> str:
        usual = "scales" if self.kind == "gamma" else "weights"
        place = "" if self.on == usual else f" on {self.on}"
        return ("" if self.mix == 0.5 else f" mix {self.mix:g}") + place


class Arm(Spec):
    """One treatment: a norm, a preprocessing if it is the arm's own, and a penalty if any.

    `preprocess` is what this arm does to its images in the place of the recipe's; None for the recipe's.

    `l1 = 1e-4` is short for `penalty = {kind = "subgrad", lambda = 1e-4}`, an L1 in the loss over the weights, and
    `l1_on = "all"` has it over all parameters as in the course. `penalty` is what counts, however it was written; None
    for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    norm: str
    preprocess: Preprocess | None = None
    l1: Annotated[NonNegative, Field(strict=True)] = 0.0
    l1_on: Literal["weights", "all"] = "weights"
    written: Annotated[Penalty | None, Field(alias="penalty")] = None

    @model_validator(mode="after")
    def _one_penalty(self) -> Self:
        if self.l1 and self.written:
            raise ValueError("l1 is short for a penalty of kind 'subgrad': give l1 or penalty, got both")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """One of the two ways only and no idle field, so that studies older than these fields keep their digest."""
        left_out = {"l1", "l1_on"} if self.written else {"penalty"}
        left_out |= set() if self.preprocess else {"preprocess"}
        return {key: value for key, value in plain(self).items() if key not in left_out}

    @property
    def penalty(self) -> Penalty | None:
        """The penalty, None where λ is 0."""
        if self.written:
            return self.written if self.written.lam else None
        return Penalty(kind="subgrad", lam=self.l1, on=self.l1_on) if self.l1 else None

    @property
    def lam(self) -> float:
        """λ, 0 without a penalty."""
        return self.penalty.lam if self.penalty else 0.0

    @property
    def base(self) -> str:
        """What it is called without its penalty, for instance `bn` or `bn + equalize`."""
        return f"{self.norm} + {self.preprocess}" if self.preprocess else self.norm

    @property
    def name(self) -> str:
        """What the arm is called everywhere, for instance `bn`, `gn:4 + L1 0.0001` or `bn + equalize + L1 0.0001`."""
        return f"{self.base} + {self.penalty.name}" if self.penalty else self.base
