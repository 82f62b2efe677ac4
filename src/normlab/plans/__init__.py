"""Which runs of a study may start now, and what follows from one that came in. Pure: no processes, no files.

jobs ─▶ all owed | until settled | chains along λ ─▶ posted ┄▶ asked, by a worker elsewhere
"""

from normlab.plans.all_owed import AllOwed
from normlab.plans.asked import Asked
from normlab.plans.chains import Chains
from normlab.plans.held import Held, Stop, never
from normlab.plans.jobs import Maker
from normlab.plans.of_study import of_study
from normlab.plans.plan import D, Plan, PlanOf, W
from normlab.plans.posted import Posted
from normlab.plans.proven import Proven
from normlab.plans.settling import Settling
from normlab.plans.until import Until

__all__ = [
    "AllOwed",
    "Asked",
    "Chains",
    "D",
    "Held",
    "Maker",
    "Plan",
    "PlanOf",
    "Posted",
    "Proven",
    "Settling",
    "Stop",
    "Until",
    "W",
    "never",
    "of_study",
]
