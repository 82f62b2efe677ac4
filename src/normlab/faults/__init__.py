"""Faults that make a comparison worthless: those a spec shows, and those that only built arms and real images show.

    study ─▶ probes (built arms, penalties, optimizers, rates, images) ─▶ rules ─▶ findings

Each rule is a function of one subject, so that a loop of one's own can be looked at as well: put its parts into
`Probe`s and call `find`.
"""

from normlab.faults.finding import Finding, Severity
from normlab.faults.rules import find
from normlab.faults.subject import Probe, Subject, of_study

__all__ = ["Finding", "Probe", "Severity", "Subject", "find", "of_study"]
