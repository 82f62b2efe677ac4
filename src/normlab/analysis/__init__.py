"""What a study's records amount to: frozen values, no words and no charts.

questions ─▶ contrasts (paired differences, verdicts), interactions ─▶ facts of arms, weights, mistakes ─▶ gather
"""

from normlab.analysis.contrasts import Contrast, Question, beaten, judge, judge_finals, open_arms, owed
from normlab.analysis.gather import Curve, Facts, gather
from normlab.analysis.interactions import Interaction, interactions
from normlab.analysis.questions import Inquiry, inquiries

__all__ = [
    "Contrast",
    "Curve",
    "Facts",
    "Inquiry",
    "Interaction",
    "Question",
    "beaten",
    "gather",
    "inquiries",
    "interactions",
    "judge",
    "judge_finals",
    "open_arms",
    "owed",
]
