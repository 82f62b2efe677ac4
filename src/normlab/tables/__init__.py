"""Tables of runs that somebody has already, from any tool: what do they show?"""

from normlab.tables.arms import TableArm
from normlab.tables.judge import judge
from normlab.tables.judgement import Judgement
from normlab.tables.no_worse import NoWorse, not_worse
from normlab.tables.pairs import TablePair

__all__ = ["Judgement", "NoWorse", "TableArm", "TablePair", "judge", "not_worse"]
