"""What arms are trained with, compared between the norms that they are said to have."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class Words:
    """How a difference is told: the rule, what differs, why it matters, and the fix."""

    code: str
    what: str
    why: str
    fix: str


def by_norm(subject: Subject, of: Callable[[Probe], Value | None]) -> Mapping[str, set[Value]]:
    """What the arms of each norm have; arms of which nothing is known are left out."""
    found: dict[str, set[Value]] = {}
    for probe in subject.probes:
        value = of(probe)
        if value is not None:
            found.setdefault(probe.norm, set()).add(value)
    return found


def unequal(found: Mapping[str, set[Value]], words: Words, write: Callable[[Value], str]) -> Iterator[Finding]:
    """Norms that do not all have the same; an error where none of it is common to all of them."""
    common = set.intersection(*found.values()) if found else set()
    if len(found) < 2 or all(each == common for each in found.values()):
        return
    told = "; ".join(f"{norm}: {', '.join(sorted(map(write, each)))}" for norm, each in found.items())
    make = warning if common else error
    yield make(words.code, ", ".join(found), f"{words.what} ({told})", words.why, words.fix)
