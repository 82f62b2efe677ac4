"""What a study's records amount to: frozen values, no words and no charts.

questions ─▶ contrasts (paired differences, verdicts) ─▶ facts of arms, weights, mistakes ─▶ gather
"""

from normlab.analysis.contrasts import Contrast, Question, judge, judge_finals, open_arms
from normlab.analysis.gather import Curve, Facts, gather
from normlab.analysis.questions import About, Asked, asked

__all__ = [
    "About",
    "Asked",
    "Contrast",
    "Curve",
    "Facts",
    "Question",
    "asked",
    "gather",
    "judge",
    "judge_finals",
    "open_arms",
]
