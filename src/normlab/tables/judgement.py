"""What `normlab.judge` gives back: how the table was read, its arms, the verdicts, and all of it in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from normlab.show import output
from normlab.show.numbers import plural
from normlab.stats.failures import Failures
from normlab.stats.looks import Looks
from normlab.tables import page, words
from normlab.tables.arms import TableArm
from normlab.tables.layout import Layout
from normlab.tables.pairs import TablePair
from normlab.tables.words import Said


@dataclass(frozen=True)
class Judgement:
    """The verdicts on the arms of a table. Prints as on the command line, and shows itself in a notebook.

    `margin` is in the unit of the scores, None where nobody says which difference matters; `ends` are the epochs at
    which runs end, where the table has more of them; `looks` how often it was looked at. `kind` is the
    tool that the runs were found to be of, empty for a table, and `told` what it has to be known of them.
    """

    where: str
    layout: Layout
    lower_is_better: bool
    margin: float | None
    level: float
    arms: tuple[TableArm, ...]
    pairs: tuple[TablePair, ...]
    ends: tuple[float, ...] = ()
    looks: Looks = Looks.once
    kind: str = ""
    told: tuple[str, ...] = ()

    @property
    def grown(self) -> bool:
        """Whether runs were added after a verdict on the others."""
        return self.looks is Looks.grown

    @property
    def headline(self) -> str:
        """The whole table in one sentence."""
        return words.headline(self._said)

    @property
    def reading(self) -> str:
        """Which column was taken for what, and which way is better."""
        return words.reading(self._said)

    def findings(self) -> list[str]:
        """A sentence for each pair, and one for each of which an arm failed."""
        return words.findings(self._said)

    def notes(self) -> list[str]:
        """What a reader has to know of how the table was judged."""
        return words.notes(self._said)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; differences are first − second, in the unit of the score."""
        return {
            "table": self.where,
            "kind": self.kind,
            "layout": asdict(self.layout),
            "lower_is_better": self.lower_is_better,
            "margin": self.margin,
            "level": self.level,
            "grown": self.grown,
            "headline": self.headline,
            "notes": self.notes(),
            "arms": [_arm(arm) for arm in self.arms],
            "pairs": [_pair(pair, words.sentence(pair, self._said)) for pair in self.pairs],
        }

    def __repr__(self) -> str:
        settled = sum(pair.verdict.settled for pair in self.pairs)
        return f"Judgement({len(self.arms)} arms, {settled} of {plural(len(self.pairs), 'pair')} settled)"

    def __str__(self) -> str:
        return words.text(self._said)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return page.fragment(self._said)

    def report(self, path: str | Path) -> Path:
        """Write all of it as one page with charts, which opens anywhere without a network.

        Raises `StoreError` when it cannot be written.
        """
        text = page.page(self._said, Path(self.where).name, self.to_dict())
        return output.write(Path(path), text.encode())

    @property
    def _said(self) -> Said:
        return Said(
            self.layout,
            self.lower_is_better,
            self.margin,
            self.arms,
            self.pairs,
            self.ends,
            self.looks,
            self.kind,
            self.told,
        )


def _arm(arm: TableArm) -> dict[str, Any]:
    return {**asdict(arm), "mean": arm.mean, "sd": arm.sd}


def _failures(found: Failures) -> dict[str, Any]:
    """Of the first arm and of the second; the verdict is on the first."""
    counts, rates = asdict(found.counts), [asdict(rate) for rate in found.rates]
    return {**counts, "verdict": found.often.value, "p": found.p, "rates": rates}


def _pair(pair: TablePair, sentence: str) -> dict[str, Any]:
    verdict = pair.verdict
    return {
        "first": pair.first.name,
        "second": pair.second.name,
        "verdict": verdict.kind.value,
        "difference": pair.mean,
        "interval": None if pair.interval is None else asdict(pair.interval),
        "paired": pair.paired,
        "seeds": list(pair.seeds),
        "runs": list(pair.runs),
        "p_differs": verdict.differs,
        "p_equal": verdict.equal,
        "more_seeds": verdict.more,
        "more_seeds_range": asdict(verdict.growing.range) if verdict.growing else None,
        "fresh_seeds": verdict.fresh,
        "withheld": None if verdict.withheld is None else verdict.withheld.value,
        "failures": _failures(pair.failures),
        "fresh_seeds_range": asdict(verdict.anew.range) if verdict.anew else None,
        "sentence": sentence,
    }
