"""Faults of schedules: a learning rate that ends before or after the run."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.faults.finding import Finding, error
from normlab.faults.subject import Subject

FLAT = 0.2
"""Share of a run at its end in which a rate that moved before stands still, from which on it was meant for fewer."""
HIGH = 0.5
"""Share of its peak at which a rate that was meant to fall should not end."""


def schedule_length(subject: Subject) -> Iterator[Finding]:
    """A schedule that is not as long as the run: too short it stands still, too long it never comes down."""
    for probe in subject.probes:
        rates = probe.rates
        if rates is None or len(set(rates)) < 3 or (probe.steps or 0) < 3:
            continue  # constant, or too short to tell
        if probe.steps != len(rates):
            yield _told(probe.name, f"it has {len(rates):,} steps and the run {probe.steps:,}")
        elif (still := sum(rate == rates[-1] for rate in rates)) > max(1, FLAT * len(rates)):
            yield _told(probe.name, f"it stands still in the last {still:,} of {len(rates):,} steps")
        elif rates[-1] > HIGH * max(rates) and rates[-1] < max(rates):
            yield _told(probe.name, f"it ends at {rates[-1]:.3g}, having started to fall from {max(rates):.3g}")


def _told(where: str, what: str) -> Finding:
    return error(
        "schedule-length",
        where,
        f"the schedule of the learning rate does not fit the run: {what}",
        "the final epoch, which is compared, is not the end that the schedule was made for",
        "give the schedule epochs × batches steps",
    )
