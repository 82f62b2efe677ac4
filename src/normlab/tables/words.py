"""What is said of a table, for people: lines that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from normlab.show import failing
from normlab.show.numbers import between, fixed, listing, plural, signed, span
from normlab.show.outlook import span as span_of
from normlab.show.outlook import vague, would_settle
from normlab.show.shortened import both_ends
from normlab.spec.problems import one_line
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind
from normlab.tables import failed
from normlab.tables.arms import TableArm
from normlab.tables.digits import decimals
from normlab.tables.layout import Form, Layout
from normlab.tables.pairs import TablePair

WIDTH = 80
NAMED = 3
"""Arms that are named at most; more are counted."""
TOO_FEW = 2
"""Runs whose interval is not told while a pair is open."""
LONGEST = 40
"""Letters of an arm's name in the table of arms."""


@dataclass(frozen=True)
class Said:
    """What there is to say; the fields are those of `Judgement`."""

    layout: Layout
    lower: bool
    margin: float | None
    arms: tuple[TableArm, ...]
    pairs: tuple[TablePair, ...]
    ends: tuple[float, ...]
    looks: Looks
    kind: str
    told: tuple[str, ...]

    @property
    def digits(self) -> int:
        """Decimals of a difference."""
        largest = max(abs(score) for arm in self.arms for score in arm.scores)
        widest = max(arm.sd or 0.0 for arm in self.arms)
        return decimals(largest, widest)


def text(said: Said) -> str:
    """How it was read, the answer, the arms, a line or two for each pair, and what has to be known."""
    lines = [reading(said), headline(said)]
    pairs = [_brief(pair, said) for pair in said.pairs]
    noted = [f"note: {note}" for note in notes(said)]
    return "\n".join(
        [*_wrapped(lines), *_grid(said), *_wrapped([*pairs, *failed.short(said.arms, said.pairs), *noted])]
    )


def findings(said: Said) -> list[str]:
    """A sentence for each pair, one for each of which an arm failed, and which runs collapsed."""
    told = [sentence(pair, said) for pair in said.pairs]
    return [*told, *failed.sentences(said.pairs), *failed.collapsed(said.arms, max(0, said.digits - 1))]


def reading(said: Said) -> str:
    """Which column was taken for what, and which way is better."""
    layout = said.layout
    seed = f"seed: {layout.seed or 'none'}" if layout.form is not Form.rows else "seeds: the other columns"
    arm = "arms: the columns" if layout.form is Form.columns else f"arm: {' × '.join(layout.arm)}"
    score = layout.score or "the cells"
    better = f"{'lower' if said.lower else 'higher'} is better"
    margin = "no margin" if said.margin is None else f"margin {said.margin:g}"
    return one_line(" · ".join([*filter(None, [said.kind]), arm, seed, f"score: {score}, {better}", margin]))


def headline(said: Said) -> str:
    """The whole table in one sentence."""
    if all(min(pair.runs) == 1 for pair in said.pairs):
        return f"One {'seed' if said.arms[0].seeds else 'run'} cannot tell these {len(said.arms)} arms apart."
    clauses = "; ".join(_clauses(said))
    named = any(clauses.startswith(one_line(arm.name)) for arm in said.arms)
    return f"{clauses if named else clauses[:1].upper() + clauses[1:]} ({_extent(said)})."


def sentence(pair: TablePair, said: Said) -> str:
    """One pair: its verdict, by how much, how sure that is, and what would settle it."""
    first, second = _names(pair)
    if not min(pair.runs):
        return f"{first} against {second}: no seed on which neither failed, so they cannot be compared."
    if min(pair.runs) == 1:
        return f"{first} against {second}: {signed(pair.mean, said.digits)}; one run cannot tell these apart."
    if pair.kind is Kind.open:
        told = f"{signed(pair.mean, said.digits)} ({_interval(pair, said)}{_runs(pair)})"
        return f"{first} against {second}: {told}, not enough evidence; {_more(pair)}."
    claimed = _claim(pair, said)
    if pair.verdict.withheld is None:
        return f"{claimed}."
    why = failing.reason(first, second, pair.failures.counts)
    return (
        f"{first} against {second}: no verdict. Where neither failed, {claimed}; but {why}. Which to take depends on "
        "what a failure costs."
    )


def _brief(pair: TablePair, said: Said) -> str:
    """The sentence, or of a pair without a verdict why there is none."""
    if pair.kind is not Kind.withheld:
        return sentence(pair, said)
    why = failing.reason(*_names(pair), pair.failures.counts)
    return f"{' against '.join(_names(pair))}: no verdict, since {why}."


def _claim(pair: TablePair, said: Said) -> str:
    """What the scores of runs that did not fail show."""
    first, second = _names(pair)
    told = f"{signed(pair.mean, said.digits)} ({_interval(pair, said)}{_runs(pair)})"
    kind = pair.verdict.withheld or pair.kind
    if kind is Kind.equivalent:
        return f"{first} and {second} are equivalent within {said.margin:g}: {told}"
    return f"{first} is {kind.value} than {second}: {told}"


def _names(pair: TablePair) -> tuple[str, str]:
    return one_line(pair.first.name), one_line(pair.second.name)


def notes(said: Said) -> list[str]:
    """What a reader has to know of how the table was judged."""
    return list(_notes(said))


def rows(said: Said) -> list[tuple[str, str, str]]:
    """Head and rows of the table of arms."""
    digits = max(0, said.digits - 1)
    head = ("arm", f"{one_line(said.layout.score or 'score')}, mean ± sd", "seeds" if said.arms[0].seeds else "runs")
    return [head, *((one_line(arm.name), _estimate(arm, digits), failed.count(arm)) for arm in said.arms)]


def _estimate(arm: TableArm, digits: int) -> str:
    return fixed(arm.mean, digits) + ("" if arm.sd is None else f" ± {fixed(arm.sd, digits)}")


def _grid(said: Said) -> Iterator[str]:
    cells = [(both_ends(name, LONGEST), scored, count) for name, scored, count in rows(said)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    for name, scored, count in cells:
        yield f"{name:<{widths[0]}}  {scored:>{widths[1]}}  {count:>{widths[2]}}"


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _clauses(said: Said) -> Iterator[str]:
    won = [pair for pair in said.pairs if pair.kind in (Kind.better, Kind.worse)]
    alike = [pair for pair in said.pairs if pair.kind is Kind.equivalent]
    waiting = [pair for pair in said.pairs if pair.kind is Kind.open]
    withheld = [pair for pair in said.pairs if pair.kind is Kind.withheld]
    if won:
        yield _won(won, said.digits)
    if alike:
        yield f"{_which(alike, said)} equivalent within {said.margin:g}"
    if withheld:
        yield f"no verdict on {_between(withheld, said)}, since an arm failed"
    if waiting:
        yield (
            f"not enough evidence yet {_among(said)}"
            if len(waiting) == len(said.pairs)
            else f"{_which(waiting, said)} open"
        )


def _won(won: Sequence[TablePair], digits: int) -> str:
    """The arm that wins most, whom it beats and by how much, or those that one arm alone is worse than."""
    turned = [_winner_first(pair) for pair in won]
    names = [winner for winner, _ in turned]
    if len({loser for _, loser in turned}) == 1 < len(won) <= NAMED:
        whom = listing([one_line(name) for name in names])
        return f"{whom} are better than {one_line(turned[0][1])} by {between([abs(pair.mean) for pair in won], digits)}"
    best = max(dict.fromkeys(names), key=names.count)
    beaten = [(loser, abs(pair.mean)) for pair, (winner, loser) in zip(won, turned, strict=True) if winner == best]
    whom = listing([one_line(loser) for loser, _ in beaten]) if len(beaten) <= NAMED else f"{len(beaten)} others"
    rest = len(won) - len(beaten)
    also = f", and {plural(rest, 'more difference')} {'is' if rest == 1 else 'are'} established" if rest else ""
    return f"{one_line(best)} is better than {whom} by {between([far for _, far in beaten], digits)}{also}"


def _winner_first(pair: TablePair) -> tuple[str, str]:
    names = pair.first.name, pair.second.name
    return names if pair.kind is Kind.better else names[::-1]


def _which(pairs: Sequence[TablePair], said: Said) -> str:
    """Some pairs of all, with their verb."""
    if len(pairs) == 1:
        return f"{one_line(pairs[0].first.name)} and {one_line(pairs[0].second.name)} are"
    if len(pairs) == len(said.pairs):
        return f"all {len(pairs)} pairs are"
    return f"{len(pairs)} of {len(said.pairs)} pairs are"


def _between(pairs: Sequence[TablePair], said: Said) -> str:
    """Some pairs of all, without a verb."""
    if len(pairs) == 1:
        return listing(_names(pairs[0]))
    return f"{len(pairs)} of {len(said.pairs)} pairs"


def _among(said: Said) -> str:
    return "that either arm is better" if len(said.arms) == 2 else f"that any of {len(said.arms)} arms is better"


def _extent(said: Said) -> str:
    runs = span([count for pair in said.pairs for count in pair.runs])
    paired = {pair.paired for pair in said.pairs}
    how = "some paired" if len(paired) == 2 else "paired" if paired == {True} else "unpaired"
    noun = "seed" if paired == {True} else "run"
    return f"{runs} {noun if runs == '1' else f'{noun}s'}, {how}"


def _ran(pair: TablePair) -> tuple[int, int]:
    return len(pair.first.ran), len(pair.second.ran)


def interval_told(pair: TablePair) -> Interval | None:
    """A pair's interval if it means something: while a pair is open, that of two runs may lie at ±170 points."""
    return None if pair.kind is Kind.open and min(pair.runs) <= TOO_FEW else pair.interval


def _interval(pair: TablePair, said: Said) -> str:
    found = interval_told(pair)
    return "" if found is None else f"{signed(found.low, said.digits)} to {signed(found.high, said.digits)}, "


def _runs(pair: TablePair) -> str:
    if pair.paired:
        return plural(len(pair.seeds), "seed")
    return f"{pair.runs[0]} and {pair.runs[1]} runs, unpaired"


def _more(pair: TablePair) -> str:
    growing, anew = pair.verdict.growing, pair.verdict.anew
    if pair.verdict.effect is None:
        return "all differences are equal, which shows no spread"
    if growing is not None:
        return would_settle(growing.range, plural(len(pair.seeds), "seed"), anew.range if anew else None)
    if anew is None or vague(anew.range):
        return "so few runs cannot say either how many would settle it"
    return f"{span_of(anew.range)} runs of each in a new study would settle it"


def _notes(said: Said) -> Iterator[str]:
    yield from map(one_line, said.told)
    if said.looks is Looks.grown:
        yield "judged as a table that grew after a look: intervals are wider"
    if said.looks in {Looks.up_to, Looks.always}:
        yield "judged by rules that allow a look after every seed"
    if said.ends:
        ends = between(said.ends, 0)
        yield f"the last {one_line(said.layout.epoch or 'epoch')} of each run counts ({ends}), not its best one"
    if any(not pair.paired for pair in said.pairs):
        seeded = "no seed column" if not said.arms[0].seeds else "arms that share no seeds"
        yield f"{seeded}: compared unpaired, by Welch's test"
    if any(pair.paired and pair.failures.counts.runs[0] < max(_ran(pair)) for pair in said.pairs):
        yield "a pair counts the seeds that both arms have, and no others"
    if said.margin is None:
        yield "without a margin (--margin) nothing can be called equivalent"
