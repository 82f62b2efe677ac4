"""Which runs of a study may start now, and what follows from one that came in. Pure: no processes, no files.

jobs ─▶ all owed | until settled | chains along λ
"""

from normlab.plans.all_owed import AllOwed
from normlab.plans.chains import Chains
from normlab.plans.held import Held, Stop, never
from normlab.plans.jobs import Maker
from normlab.plans.of_study import of_study
from normlab.plans.plan import Plan
from normlab.plans.settling import Settling

__all__ = ["AllOwed", "Chains", "Held", "Maker", "Plan", "Settling", "Stop", "never", "of_study"]
