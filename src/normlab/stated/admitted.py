"""What a table says of itself that makes its differences worth less: in names, and in columns as `tuned on: test`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from normlab.stated.cells import Made, few, plain

NO = {"", "0", "-", "no", "none", "false", "off", "never", "final", "last"}
"""Cells that say that what their column is called is not so."""
SCORE = re.compile(r"\b(?:acc|accuracy|score|loss|top ?[15])\b")
TEST = r"\btest\b(?! time)"
REST = r"(?:(?!\bval|\bdev\b|held|\bno\b|\bnot\b|without|exclu|except)[^;])*?"
APART = r"(?:(?!held|\bno\b|\bnot\b|without|exclu|except)[^;])*?"
"""Whatever stands between two words of one statement, but for what turns it around."""
MOST, LONGEST = 20, 200
"""Levels of a column that are read, and letters of each."""


@dataclass(frozen=True)
class Admission:
    """A statement by its pattern, what it is, and why it matters."""

    pattern: str
    what: str
    why: str


ADMISSIONS = (
    Admission(
        rf"\b(?:tuned|tuning|hyper ?parameters|selected|selection|chosen|picked|early stopp\w+)\b{REST}{TEST}"
        rf"|\bcheckpoint (?:by|on|from) (?:the )?{TEST}",
        "something was chosen on the test set",
        "accuracies on images that chose between networks are too high",
    ),
    Admission(
        rf"\bties?\b{REST}{TEST}|{TEST}{REST}\bties?\b",
        "ties were broken by the test set",
        "that chooses on the images that accuracies are told of",
    ),
    Admission(
        r"\b(?:statistics|stats|moments|normali[sz]\w*|standardi[sz]\w*|whiten\w*|preprocess\w*|scaler)\b"
        rf"{REST}(?:{TEST}|\ball images\b|\b(?:all|whole) data\b)",
        "images were standardized by statistics of test images",
        "what is judged has a part in the network then; take them from training images",
    ),
    Admission(
        rf"\bval(?:id|idation)?\b{APART}\b(?:in|inside|within|overlap\w*|part of|also) (?:\w+ )?train"
        r"|\bval(?:id|idation)?(?: set| data| images)?: (?:the )?train(?:ing)?(?: set| data| images)?(?:;|$)",
        "images for validation are training images",
        "what was chosen on them was chosen by what was learned by heart; keep them out of training",
    ),
    Admission(
        rf"\bdecay\b{REST}\b(?:norms?|gammas?|betas?|γ|β|affine|bn)\b|\b(?:norms?|gammas?|bn)\b{REST}\bdecay\b",
        "weight decay acts on the parameters of norms",
        "it draws every scale to 0, and other norms have other scales to draw; let kernels decay alone",
    ),
    Admission(
        r"\b(?:uncorrected|unadjusted)\b|\b(?:no|without|not) (?:multiple comparisons? |holm |bonferroni )?"
        r"(?:correction|corrected|adjustment|adjusted)\b",
        "several comparisons were not corrected",
        "of twenty without any difference one is expected to show one; what is said here is corrected for all pairs",
    ),
    Admission(
        r"\b(?:best|chosen|selected|picked|lucky|good)(?: \d+)?(?: of \d+)? seeds\b"
        rf"|\bseeds?\b{REST}\b(?:chosen|selected|picked|dropped|left out|removed|excluded)\b"
        r"|\b(?:bad|failed) seeds? (?:dropped|left out)",
        "seeds were chosen",
        "the mean of chosen seeds says nothing of the next one; take all, or say beforehand which",
    ),
)
NOT_CORRECTED = re.compile(r"\bcorrect(?:ion|ed)\b|\badjust(?:ment|ed)\b")
"""Columns in which a no is what counts."""


def admitted(made: Made) -> list[str]:
    """A sentence for each kind of statement that makes differences worth less, with the arms that it is said of."""
    texts = {arm: "; ".join(_said(arm, cells)) for arm, cells in made.items()}
    found = [(each, [arm for arm, text in texts.items() if re.search(each.pattern, text)]) for each in ADMISSIONS]
    return [f"by its own words ({few(arms)}) {each.what}: {each.why}" for each, arms in found if arms]


def _said(arm: str, cells: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """An arm's name, and what its columns say that are no scores."""
    yield plain(arm[:LONGEST])
    for name, levels in cells.items():
        head = plain(name[:LONGEST])
        for cell in dict.fromkeys(plain(cell[:LONGEST]) for cell in levels[:MOST]):
            if not SCORE.search(head):
                yield from _statement(head, cell)


def _statement(head: str, cell: str) -> Iterator[str]:
    """One that is made: a no makes none, but of a correction."""
    if cell not in NO:
        yield f"{head}: {cell}"
    elif cell not in ("", "0", "-") and NOT_CORRECTED.search(head):
        yield "no correction"
