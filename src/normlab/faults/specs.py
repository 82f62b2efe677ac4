"""Faults that the spec alone shows."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.faults.finding import Finding, warning
from normlab.faults.subject import Subject
from normlab.norms.names import read
from normlab.spec import Penalty


def selection_on_test(subject: Subject) -> Iterator[Finding]:
    """Several λ for one norm and preprocessing, judged on the test set: whoever takes the best has chosen it there."""
    study = subject.study
    if study is None or study.recipe.holdout:
        return
    tried: dict[str, set[float]] = {}
    for arm in study.arms:
        if arm.recipe.penalty.lam:
            tried.setdefault(arm.base, set()).add(arm.recipe.penalty.lam)
    for base, values in tried.items():
        if len(values) > 1:
            told = ", ".join(f"{value:g}" for value in sorted(values))
            yield warning(
                "selection-on-test",
                base,
                f"λ = {told} are compared on the test set",
                "the best of them is chosen on the images that its accuracy is then told of",
                "choose λ with --holdout 10000, and look at the test set once",
            )


def rates_on_test(subject: Subject) -> Iterator[Finding]:
    """Several learning rates for each of several norms, judged on the test set: each gets the one it likes there."""
    study = subject.study
    if study is None or study.recipe.holdout:
        return
    tried: dict[str, set[float]] = {}
    for arm in study.arms:
        if isinstance(rate := arm.stated["optimizer.lr"], float):  # a link's value is no choice
            tried.setdefault(arm.recipe.norm, set()).add(rate)
    found = {norm: rates for norm, rates in tried.items() if len(rates) > 1}
    if len(tried) > 1 and found:
        told = ", ".join(f"{rate:g}" for rate in sorted(set.union(*found.values())))
        yield warning(
            "selection-on-test",
            ", ".join(found),
            f"learning rates {told} are compared on the test set, for each norm",
            "whoever takes each norm's best has tuned it on the images that its accuracy is then told of",
            "choose rates with --holdout 10000, and look at the test set once",
        )


def always_penalised(subject: Subject) -> Iterator[Finding]:
    """A penalty in every arm: norms are compared under it, which their names should say."""
    study = subject.study
    if study and len({arm.recipe.norm for arm in study.arms}) > 1 and all(arm.recipe.penalty.lam for arm in study.arms):
        yield warning(
            "always-penalised",
            "arms",
            "every arm has a penalty",
            "what is found of the norms holds under this penalty only",
            "add arms with λ = 0, or say so wherever the norms are named",
        )


def standardized_zeros(subject: Subject) -> Iterator[Finding]:
    """A penalty for zeros on kernels that are standardized before they are used."""
    arms = subject.study.arms if subject.study else ()
    found = [arm.name for arm in arms if _on_weights(arm.recipe.active_penalty) and read(arm.recipe.norm).standardized]
    if found:
        yield warning(
            "standardized-zeros",
            ", ".join(found),
            "the penalty acts on kernels before they are standardized",
            "a weight of zero is none in the kernel that is used, and the kernel's scale is divided away",
            "penalise the scales of norms (gamma), or kernels behind a norm without ws+",
        )


def _on_weights(penalty: Penalty | None) -> bool:
    return penalty is not None and penalty.scope in ("weights", "all")


def one_seed(subject: Subject) -> Iterator[Finding]:
    """One seed cannot tell arms apart."""
    study = subject.study
    if study and len(study.seeds) == 1 and len(study.arms) > 1:
        yield warning(
            "one-seed",
            "seeds",
            "every arm is trained once",
            "two seeds of one arm differ by as much as two norms do",
            "take three seeds at least, or --until-settled",
        )
