"""A study whose arms were tuned: values that trials chose for each arm are no fault."""

from __future__ import annotations

import pytest

from normlab.faults import find, of_study
from normlab.models.untrained import Untrained
from normlab.spec import Study, design
from normlab.spec.tuning import searched, trials, tuned

ASKED = design(norms=["bn", "ln"], seeds=10, name="mine")
TRIED = trials(ASKED, searched({"lr": [0.03, 0.1], "weight_decay": [0.0, 1e-3]}, None, 2), 1_000)
CHOSEN = {
    "bn": {"optimizer.lr": 0.1, "optimizer.weight_decay": 1e-3},
    "ln": {"optimizer.lr": 0.03, "optimizer.weight_decay": 0.0},
}


@pytest.mark.parametrize("study", [TRIED, tuned(ASKED, CHOSEN, TRIED)], ids=["trials", "tuned"])
def test_values_that_trials_chose_are_no_fault(study: Study) -> None:
    """Neither in the study of trials nor in the tuned one."""
    assert not [finding.line for finding in find(of_study(study, None, Untrained(study)))]
