"""What has been measured: published studies with the scores of their runs, judged again whenever somebody asks.

publication (a study and its scores) ◀─ shelf (those that come along, or lie in a folder)
publication ◀─ judged (its verdicts, again) ◀─ made (of a study that is there), asked (which answer a question) ◀─ words
"""

from normlab.archive.asked import Answer, asked
from normlab.archive.judged import check, questions, stated
from normlab.archive.publication import Publication, read, text
from normlab.archive.shelf import found, shelf

__all__ = ["Answer", "Publication", "asked", "check", "found", "questions", "read", "shelf", "stated", "text"]
