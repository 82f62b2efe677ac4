"""Whether a study is as it was registered, and else what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from normlab.show.numbers import listing
from normlab.spec import known
from normlab.spec.problems import one_line
from normlab.spec.registration import Design, Registered

NONE = "none"


def sentence(registered: Registered | None) -> str:
    """In one sentence; empty of a study that was not registered."""
    if registered is None:
        return ""
    was, differ = registered.registration, differences(registered.registration.design, registered.now)
    return f"Not as registered on {was.when}: {'; '.join(differ)}." if differ else f"As registered on {was.when}."


def differences(was: Design, now: Design) -> tuple[str, ...]:
    """What is not as it was registered, a clause each; an arm that has another name is the same arm."""
    return tuple(one_line(told) for told in (*_rules(was, now), *_arms(was, now)))


def _called(path: str) -> str:
    return known()[path].title if path in known() else path


RULES: Mapping[str, Callable[[Design], str]] = {
    "the primary outcome is": lambda design: design.outcome,
    "the margin is": lambda design: f"{design.margin}{design.unit}",
    "the level is": lambda design: str(design.level),
    "there are": lambda design: design.replicates,
    "the questions are about": lambda design: listing([_called(path) for path in design.questions] or [NONE]),
    "the root of all random numbers is": lambda design: str(design.root),
    "warm_start is": lambda design: "on" if design.warm_start else "off",
}
"""How each rule is told, by the words before it."""


def _rules(was: Design, now: Design) -> Iterator[str]:
    for lead, told in RULES.items():
        if told(was) != told(now):
            yield f"{lead} {told(now)}, not {told(was)}"
    if now.seeds != was.seeds and now.replicates == was.replicates:
        yield "the seeds are others, or in another order"
    if now.images != was.images:
        yield "the images are others"


def _arms(was: Design, now: Design) -> Iterator[str]:
    earlier = _earlier(was, now)
    new = [arm for arm, name in earlier.items() if name not in was.arms]
    gone = [name for name in was.arms if name not in earlier.values()]
    if new:
        yield f"there is a new arm, {new[0]}" if len(new) == 1 else f"there are new arms, {listing(new)}"
    if gone:
        yield f"the arm {gone[0]} is left out" if len(gone) == 1 else f"the arms {listing(gone)} are left out"
    if earlier.get(now.baseline, "") != was.baseline:
        yield f"the baseline is {now.baseline or NONE}, not {was.baseline or NONE}"
    yield from _changed(was, now, {arm: name for arm, name in earlier.items() if name in was.arms})


def _earlier(was: Design, now: Design) -> dict[str, str]:
    """What each arm was called: by what it is, else by its name."""
    known_as = {arm.digest: name for name, arm in was.arms.items()}
    return {name: known_as.get(arm.digest, name) for name, arm in now.arms.items()}


def _changed(was: Design, now: Design, earlier: Mapping[str, str]) -> Iterator[str]:
    """What arms of one name have in another way, and in which of them where not in all."""
    found: dict[str, list[str]] = {}
    for arm, name in earlier.items():
        if now.arms[arm].digest != was.arms[name].digest:
            for told in _values(was.resolved(name), now.resolved(arm)) or ["code or images are others"]:
                found.setdefault(told, []).append(arm)
    for told, arms in found.items():
        yield told if len(arms) == len(now.arms) else f"{told} in {listing(arms)}"


def _values(was: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    paths = [path for path in now if path in was and now[path] != was[path]]
    return [f"{_called(path)} is {now[path]}, not {was[path]}" for path in paths]
