"""Settings that differ between arms which are compared by something else."""

from __future__ import annotations

import re

from normlab.stated.cells import Made, few, level, plain

SETTING = re.compile(
    r"\b(?:epochs|steps|iterations|lr|learning rate|batch|batch size|bs|optimi[sz]er|optim|momentum|schedule|scheduler"
    r"|warmup|weight decay|decay|wd|l1|l2|lambda|dropout|augment|augment(?:ation|ations|ed)|aug|mixup|cutout"
    r"|label smoothing|data|dataset|train(?:ing)? (?:images|set|data|size)|n train|resolution|image size"
    r"|preprocess(?:ing)?|eps|epsilon|affine|params|n params|parameters|parameter count|depth|width|init"
    r"|initiali[sz]ation|pretrained)\b"
)
"""What decides on a score beside what is asked, as columns call it."""
MEASURED = re.compile(r"\b(?:acc|accuracy|loss|error|score|time|seconds|hours|seed|seeds)\b")
"""What stands in the name of a column that was measured, or that counts seeds."""


def unequal(made: Made) -> list[str]:
    """A sentence for each setting that is not the same in all arms, though no arm is called by it.

    An arm is called by a setting if its name has the setting's or its level: `lr 0.01`, `wd1e-4`, `no dropout`.
    """
    heads = dict.fromkeys(head for cells in made.values() for head in cells)
    found = [(head, _levels(made, head)) for head in heads if _is_setting(head)]
    return [_told(head, levels) for head, levels in found if _differ(levels) and not _called(head, levels)]


def _is_setting(head: str) -> bool:
    return SETTING.search(plain(head)) is not None and MEASURED.search(plain(head)) is None


def _levels(made: Made, head: str) -> dict[str, frozenset[str]]:
    """Of each arm that has some, what its rows say."""
    levels = {
        arm: frozenset(level(cell) for cell in cells.get(head, ()) if cell.strip()) for arm, cells in made.items()
    }
    return {arm: found for arm, found in levels.items() if found}


def _differ(levels: dict[str, frozenset[str]]) -> bool:
    """Whether they do, and are no more than arms can have: what differs from row to row was measured."""
    return len({*levels.values()}) > 1 and len(frozenset.union(*levels.values())) <= len(levels)


def _called(head: str, levels: dict[str, frozenset[str]]) -> bool:
    word = SETTING.search(plain(head))
    by_word = any(word and word[0] in plain(arm) for arm in levels)
    return by_word or all(any(_has(arm, each) for each in found) for arm, found in levels.items())


def _has(arm: str, found: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(found)}(?![\d.])", plain(arm) + " " + arm.lower()) is not None


def _told(head: str, levels: dict[str, frozenset[str]]) -> str:
    arms = few(f"{arm} {'/'.join(sorted(found))}" for arm, found in levels.items())
    return f"{head} is not the same in all arms ({arms}): a difference may come from that"
