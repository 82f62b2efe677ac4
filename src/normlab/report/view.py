"""All that the terminal and the page show of a comparison: its facts, and what they say in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from normlab.analysis import Facts, gather
from normlab.records import Comparison
from normlab.report.words import beliefs, elsewhere, findings, others
from normlab.report.words.findings import Chapter
from normlab.report.words.glance import Glance, glance
from normlab.report.words.headline import headline
from normlab.report.words.lede import finished, lede
from normlab.show.numbers import plural


@dataclass(frozen=True)
class View:
    """The facts, unrounded, the whole comparison in one sentence and at a glance, and findings under headings.

    `lede` says what was compared. `chapters` are those that need no more than accuracies, `told` all.
    """

    facts: Facts
    headline: str
    glance: Glance
    lede: str
    chapters: tuple[Chapter, ...]

    @cached_property
    def told(self) -> tuple[Chapter, ...]:
        """All chapters, with what opens every run's predictions: a terminal at a glance does without."""
        scope = Chapter(elsewhere.HEADING, tuple(elsewhere.sentences(self.facts)), elsewhere.ANCHOR)
        return tuple(self._with(scope)) if scope.sentences and self.chapters else self.chapters

    def _with(self, scope: Chapter) -> Iterator[Chapter]:
        """Behind the answers, before what stands aside."""
        yield from (chapter for chapter in self.chapters if not chapter.aside)
        yield scope
        if said := tuple(beliefs.sentences(self.facts)):
            yield Chapter(beliefs.HEADING, said, beliefs.ANCHOR, aside=True)
        if said := tuple(others.sentences(self.facts)):
            yield Chapter(others.HEADING, said, others.ANCHOR, aside=True)
        yield from (chapter for chapter in self.chapters if chapter.aside)

    @property
    def findings(self) -> tuple[str, ...]:
        """Every finding, a sentence or two each, most important first."""
        return tuple(sentence for chapter in self.told for sentence in chapter.sentences)


def so_far(comparison: Comparison) -> View:
    """The view of a study that is being trained: without verdicts, unless it may be looked at after every seed."""
    if comparison.study.until_settled:
        return build(comparison)
    facts = replace(gather(comparison), questions=(), interactions=(), misled=(), sources=None)
    left = f"{plural(facts.owed, 'run')} still to come; the verdict comes with the last."
    said = f"{finished(facts)}."
    return View(facts, said, Glance("", left, "", ()), lede(facts), ())


@lru_cache(maxsize=1)  # the page and the terminal show the same one
def build(comparison: Comparison) -> View:
    """The view of a comparison; one without a finished run has a view too."""
    facts = gather(comparison)
    return View(facts, headline(facts), glance(facts), lede(facts), findings.chapters(facts))
