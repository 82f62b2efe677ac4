"""What has been measured: published studies with the scores of their runs, judged again whenever somebody asks.

publication (a study and its scores, checked) ◀─ folder (where it is written), shelf (those that come along)
publication ◀─ judged (its verdicts, again) ◀─ asked (which of them answer a question) ◀─ words
"""

from normlab.archive.asked import Answer, asked
from normlab.archive.judged import check, questions, stated
from normlab.archive.publication import Publication, read, text
from normlab.archive.shelf import found, shelf

__all__ = ["Answer", "Publication", "asked", "check", "found", "questions", "read", "shelf", "stated", "text"]
