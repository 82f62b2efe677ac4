"""All rules, in the order in which their findings are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from normlab.faults import batches, constants, images, models, penalties, schedules, specs
from normlab.faults.finding import Finding, Severity
from normlab.faults.subject import Subject

Rule = Callable[[Subject], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    images.overlap,
    constants.constants_of_test,
    models.shared_model,
    penalties.penalty_without_gradient,
    penalties.missing_penalty,
    penalties.leaking_flag,
    penalties.mean_reduced,
    penalties.l2_without_decay,
    penalties.regularizer_differs,
    models.parameter_counts,
    models.different_eps,
    models.kept_norms,
    images.grey_corners,
    images.mirrored_digits,
    schedules.schedule_length,
    batches.few_images,
    batches.last_image_alone,
    batches.fixed_rate,
    specs.selection_on_test,
    specs.always_penalised,
    specs.standardized_zeros,
    specs.one_seed,
)


def find(subject: Subject) -> tuple[Finding, ...]:
    """Every fault of a subject, errors first."""
    found = [finding for rule in RULES for finding in rule(subject)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.error))
