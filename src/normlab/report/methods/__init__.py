"""What a paper says of a study: how it was done, a checklist of what others ask, and whom to cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from normlab.analysis import Facts
from normlab.report.methods import checklist, paragraph
from normlab.report.methods.references import REFERENCES, Reference, own

CITED = re.compile(r"@(\w+)")
BRACKETS = re.compile(r"\[(@\w+(?:; @\w+)*)\]")


@dataclass(frozen=True)
class Methods:
    """All of it, made of a study's facts alone.

    `text` has paragraphs with citations as Pandoc reads them, [@holm1979]; `checklist` what is asked and the answer;
    `references` those that are cited, in their order.
    """

    text: tuple[str, ...]
    checklist: tuple[tuple[str, str], ...]
    references: tuple[Reference, ...]

    @property
    def read(self) -> tuple[str, ...]:
        """The text for people, who want names in place of keys: (Holm, 1979)."""
        return tuple(_named(each, self.references) for each in self.text)

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """The checklist for people, without the marks of code."""
        return tuple((asked, _named(answer, self.references).replace("`", "")) for asked, answer in self.checklist)

    @property
    def bibtex(self) -> str:
        """The references as a BibTeX file."""
        return "\n\n".join(each.bibtex for each in self.references) + "\n"

    @property
    def markdown(self) -> str:
        """The text and the checklist, for Pandoc beside `references.bib`."""
        asked = "\n".join(f"- **{asked}.** {answer}" for asked, answer in self.checklist)
        told = "\n\n".join(self.text)
        return f"# Methods\n\n{told}\n\n## Reproducibility checklist\n\n{asked}\n"


def methods(facts: Facts) -> Methods:
    """What may be said of a study's method; what is not known of it says so."""
    text, asked = tuple(paragraph.paragraphs(facts)), tuple(checklist.items(facts))
    return Methods(text, asked, tuple(_cited([*text, *(answer for _, answer in asked)])))


def _cited(texts: list[str]) -> Iterator[Reference]:
    """In the order of their first mention; what only looks like one, in the name of an arm, is none."""
    known = {each.key: each for each in (*REFERENCES, own())}
    yield from (known[key] for key in dict.fromkeys(CITED.findall(" ".join(texts))) if key in known)


def _named(text: str, references: tuple[Reference, ...]) -> str:
    names = {each.key: each.name for each in references}
    return BRACKETS.sub(lambda found: f"({'; '.join(names.get(key, key) for key in CITED.findall(found[1]))})", text)
