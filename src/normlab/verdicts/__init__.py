"""What a study's records say to the questions it asks: pairs of arms, their paired differences, their verdicts."""

from normlab.verdicts.contrasts import Contrast, Question, judge, judge_finals, open_arms
from normlab.verdicts.questions import About, Asked, asked

__all__ = ["About", "Asked", "Contrast", "Question", "asked", "judge", "judge_finals", "open_arms"]
