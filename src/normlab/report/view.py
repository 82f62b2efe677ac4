"""All that the terminal and the page show of a comparison: its facts, and what they say in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from normlab.analysis import Facts, gather
from normlab.records import Comparison
from normlab.report.words import findings
from normlab.report.words.findings import Chapter
from normlab.report.words.glance import Glance, glance
from normlab.report.words.headline import headline
from normlab.report.words.lede import lede


@dataclass(frozen=True)
class View:
    """The facts, unrounded, the whole comparison in one sentence and at a glance, and findings under headings.

    `lede` says what was compared.
    """

    facts: Facts
    headline: str
    glance: Glance
    lede: str
    chapters: tuple[Chapter, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """Every finding, a sentence or two each, most important first."""
        return tuple(sentence for chapter in self.chapters for sentence in chapter.sentences)


@lru_cache(maxsize=1)  # the page and the terminal show the same one
def build(comparison: Comparison) -> View:
    """The view of a comparison; one without a finished run has a view too."""
    facts = gather(comparison)
    return View(facts, headline(facts), glance(facts), lede(facts), findings.chapters(facts))
