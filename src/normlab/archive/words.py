"""What is said of answers: under each study, a line for each pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from normlab.analysis import Contrast
from normlab.archive.asked import Answer, Wanted
from normlab.archive.publication import Publication
from normlab.show.numbers import fixed, listing, plural, signed
from normlab.spec import find
from normlab.spec.fields import Value
from normlab.stats.verdict import Kind

BETWEEN = " · "
"""Between the parts of an arm's name."""
CLAIMS = (Kind.better, Kind.worse)
ORDER = (*CLAIMS, Kind.equivalent, Kind.open)
"""What is known comes first."""


def lines(answers: Sequence[Answer], *, along: bool = True) -> Iterator[str]:
    """All answers, those of a study together, of studies that come along with how they are repeated."""
    for publication, together in groupby(answers, key=lambda answer: answer.publication):
        yield headline(publication)
        yield from (f"  {sentence(answer)}" for answer in sorted(together, key=_place))
        if along:
            name = publication.name
            yield f"  Again: normlab answers --toml {name} > {name}.toml && normlab compare {name}.toml"


def headline(publication: Publication) -> str:
    """A study on a line: on which network and images, how long, on how many seeds, and when."""
    study, recipe = publication.planned, publication.planned.recipe
    network = "several networks" if "model" in study.factors else find("model").write(recipe.model)
    length = [] if "epochs" in study.factors else [plural(recipe.epochs, "epoch")]
    judged = f"{publication.images:,} {recipe.judged_on} images"
    told = [*length, plural(len(study.seeds), "seed"), judged, publication.date]
    return f"{study.name}: {network} on {recipe.dataset}, {', '.join(told)}"


def sentence(answer: Answer) -> str:
    """A pair on a line: what they have in common, the verdict, the difference in points and its interval."""
    contrast, margin = answer.contrast, answer.study.verdict.margin
    common, first, second = _apart(*contrast.arms)
    lead, kind, seeds = f"{common}: " if common else "", contrast.verdict.kind, _seeds(answer)
    if kind is Kind.worse:
        return f"{lead}{second} is better than {first} by {_size(contrast, -1)}{seeds}"
    if kind is Kind.better:
        return f"{lead}{first} is better than {second} by {_size(contrast)}{seeds}"
    told = f"are equivalent within {margin:g}" if kind is Kind.equivalent else "are not told apart"
    return f"{lead}{first} and {second} {told}: {_size(contrast)}{seeds}"


def nothing(publications: Sequence[Publication], wanted: Wanted) -> Iterator[str]:
    """That nobody has measured it, and which levels there are."""
    yield "Nobody has published this yet. Measure it: normlab compare; then share it: normlab publish"
    for path in wanted:
        field = find(path)
        levels = {field.of(arm.recipe) for each in publications for arm in each.planned.arms}
        yield f"  {field.title}: there are {', '.join(map(str, sorted(levels, key=_by_kind)))}"


def _by_kind(level: Value) -> tuple[str, Value]:
    """An order for levels that may be words and numbers."""
    return str(type(level)), level


def payload(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The answers as plain values, differences in percentage points."""
    return [_plain(answer) for answer in answers]


def _plain(answer: Answer) -> dict[str, Any]:
    contrast, study = answer.contrast, answer.study
    levels = [{path: find(path).of(recipe) for path in study.factors} for recipe in answer.recipes]
    interval = contrast.interval
    return {
        "study": study.name,
        "date": answer.publication.date,
        "made": [*answer.publication.made],
        "model": study.recipe.model,
        "dataset": study.recipe.dataset,
        "judged_on": study.recipe.judged_on,
        "images": answer.publication.images,
        "factor": contrast.factor,
        "first": contrast.first,
        "second": contrast.second,
        "levels": levels,
        "verdict": contrast.verdict.kind.value,
        "mean": contrast.mean,
        "interval": [interval.low, interval.high] if interval else None,
        "level": study.verdict.level,
        "margin": study.verdict.margin,
        "seeds": [*contrast.seeds],
        "failed": [*contrast.failures.counts.failed],
    }


def _place(answer: Answer) -> int:
    return ORDER.index(answer.contrast.verdict.kind)


def _apart(first: str, second: str) -> tuple[str, str, str]:
    """What two arms' names have in common, and the rest of each."""
    parts = [name.split(BETWEEN) for name in (first, second)]
    common = [part for part in parts[0] if part in parts[1]]
    own = [BETWEEN.join(part for part in each if part not in common) for each in parts]
    return (BETWEEN.join(common), own[0], own[1]) if all(own) else ("", first, second)


def _size(contrast: Contrast, sign: int = 1) -> str:
    """First − second in points, or the other way round, with its interval."""
    if contrast.mean is None:
        return "no seed that counts"
    write = fixed if contrast.verdict.kind in CLAIMS else signed
    mean = write(sign * contrast.mean, 3)
    if contrast.interval is None:
        return f"{mean} points"
    low, high = sorted(sign * end for end in (contrast.interval.low, contrast.interval.high))
    return f"{mean} points ({write(low, 3)} to {write(high, 3)})"


def _seeds(answer: Answer) -> str:
    """On how many seeds, where those on which an arm failed are left out, and how often each did."""
    contrast, planned = answer.contrast, len(answer.study.seeds)
    if len(contrast.seeds) == planned:
        return ""
    failed = [
        f"{name} failed on {count}"
        for name, count in zip(contrast.arms, contrast.failures.counts.failed, strict=True)
        if count
    ]
    told = f" ({listing(failed)} of {planned})" if failed else ""
    return f", on {plural(len(contrast.seeds), 'seed')}{told}"
