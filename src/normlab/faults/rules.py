"""All rules, in the order in which their findings are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from normlab.faults import (
    batches,
    changes,
    constants,
    frozen,
    images,
    judging,
    models,
    networks,
    optimizers,
    penalties,
    schedules,
    specs,
)
from normlab.faults.finding import Finding, Severity
from normlab.faults.subject import Subject

Rule = Callable[[Subject], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    images.overlap,
    images.near_duplicates,
    constants.constants_of_test,
    models.shared_model,
    penalties.penalty_without_gradient,
    penalties.missing_penalty,
    penalties.leaking_flag,
    penalties.mean_reduced,
    penalties.l2_without_decay,
    penalties.regularizer_differs,
    changes.two_changes,
    networks.same_network,
    optimizers.another_optimizer,
    optimizers.unequal_rate,
    optimizers.unequal_steps,
    optimizers.unequal_decay,
    optimizers.decayed_norms,
    networks.initial_weights,
    frozen.frozen_statistics,
    frozen.frozen_weights,
    models.parameter_counts,
    models.different_eps,
    networks.affine_off,
    networks.different_momentum,
    networks.other_layers,
    models.kept_norms,
    images.grey_corners,
    images.mirrored_digits,
    schedules.schedule_length,
    batches.few_images,
    batches.batch_of_all,
    batches.last_image_alone,
    batches.fixed_rate,
    specs.selection_on_test,
    specs.rates_on_test,
    specs.always_penalised,
    specs.standardized_zeros,
    specs.one_seed,
    judging.chosen_seeds,
    judging.low_ceiling,
    judging.warm_arms,
    judging.wide_margin,
    judging.low_level,
)


def find(subject: Subject) -> tuple[Finding, ...]:
    """Every fault of a subject, errors first."""
    found = [finding for rule in RULES for finding in rule(subject)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.error))
