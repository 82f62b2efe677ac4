"""Every error that a user of normlab can meet.

    NormlabError
    ├── SpecError            a study that cannot be run: the field's path, what came, what is allowed
    │   ├── UnknownName      a norm, model or data set that is not there, with the nearest that are
    │   └── GroupsError      groups that do not divide a layer's channels, with the valid choices
    ├── DataError            images or labels that cannot be used
    │   ├── CorruptData      a file that is not what its checksum or its header promises
    │   └── DataUnavailable  a data set that none of its ways brought here
    ├── DeviceError          a device that this machine or this PyTorch does not have
    ├── EngineError          a network or a processor that an engine cannot take
    ├── NetworkError         a network with something in it that is not understood
    │   ├── CompactError     a network that cannot be made smaller
    │   └── OwnCodeError     a model's code of one's own that raised something, with its own traceback
    ├── StoreError           a project's folder that cannot be read or written
    │   └── DamagedRun       runs that are not what was written, all of them named
    ├── MissingPackage       a package that only what was asked for needs
    ├── ClusterError         a cluster that nobody answers in, or none of whose workers may make a run
    ├── RunFailed            a run that ended without leaving a record
    ├── Stopped              a study that was told to stop before all of it was trained
    ├── Diverged             a single run whose loss stopped being a number
    └── Disagreement         numbers of ours that are not PyTorch's

Each carries one message for people: what was expected, what came, and the way out. The command line prints that
message on one line and exits with `exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any


class NormlabError(Exception):
    """The root of the tree; catching it catches all of normlab's own errors.

    Args:
        message: for people, a line.
        details: the traceback of code that is not normlab's, if that is what raised.
    """

    exit_code = 1

    def __init__(self, message: str = "", details: str = "") -> None:
        self.details = details
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle would leave the details out; errors cross processes."""
        return type(self), (str(self), self.details)


class SpecError(NormlabError):
    """A study, recipe or arm that cannot be run as it is written."""

    exit_code = 2


class UnknownName(SpecError):
    """A name that no registry knows.

    Args:
        kind: what the name should have named, for instance "norm".
        given: the name that came.
        known: the names that exist.
    """

    def __init__(self, kind: str, given: str, known: Iterable[str]) -> None:
        self.kind, self.given, self.known = kind, given, sorted(known)
        near = get_close_matches(given, self.known, n=3, cutoff=0.4) or _by_ending(given, self.known)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(f"unknown {kind} {given!r}: {hint}{kind}s are {', '.join(self.known)}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle would rebuild it from the message alone; errors cross processes."""
        return type(self), (self.kind, self.given, self.known)


def _by_ending(given: str, known: Iterable[str]) -> list[str]:
    """Paths whose last part is near to it: `optimizer.lr` for `lrr`."""
    last = {path.rpartition(".")[2]: path for path in known}
    return [last[name] for name in get_close_matches(given.rpartition(".")[2], last, n=3)]


class GroupsError(SpecError):
    """Groups that do not divide the channels of a layer."""

    def __init__(self, layer: str, channels: int, asked: str) -> None:
        self.layer, self.channels, self.asked = layer, channels, asked
        choices = ", ".join(str(g) for g in range(1, channels + 1) if channels % g == 0)
        super().__init__(
            f"{asked} does not fit layer {layer}: its {channels} channels can be split into {choices} groups"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """As for `UnknownName`."""
        return type(self), (self.layer, self.channels, self.asked)


class DataError(NormlabError):
    """Images or labels that cannot be used."""


class CorruptData(DataError):
    """A file that is not what its checksum or its header promises."""


class DataUnavailable(DataError):
    """A data set that neither a folder, nor a mirror, nor a package index brought here."""


class DeviceError(NormlabError):
    """A device that this machine or this build of PyTorch does not have."""

    exit_code = 2


class EngineError(NormlabError):
    """A network, or a processor, that an engine cannot take; another engine can."""


class NetworkError(NormlabError):
    """A network with something in it that is not understood, where its operations have to be."""


class CompactError(NetworkError):
    """A network that cannot be made smaller, or a file of a smaller one that cannot be used."""


class OwnCodeError(NetworkError):
    """Code that the user named raised an exception; the details are its traceback, without lines of normlab's."""


class StoreError(NormlabError):
    """A project's folder that cannot be read or written."""


class DamagedRun(StoreError):
    """Runs in a store that are not what was written there.

    Args:
        names: what people call them, by key.
        why: what is wrong with each, by key.
    """

    MOST_NAMED = 5

    def __init__(self, names: Mapping[str, str], why: Mapping[str, str]) -> None:
        self.names, self.why = dict(names), dict(why)
        told = [f"{self.names[key]} ({reason})" for key, reason in self.why.items()]
        more = f" and {len(told) - self.MOST_NAMED} more" if len(told) > self.MOST_NAMED else ""
        super().__init__(
            f"damaged in the store: {', '.join(told[: self.MOST_NAMED])}{more}; "
            "give the study's command again with --repair to train what is damaged once more"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """As for `UnknownName`."""
        return type(self), (self.names, self.why)


class MissingPackage(NormlabError):
    """A package that normlab does without, but not for what was asked for; the message says how to get it."""


class ClusterError(NormlabError):
    """A cluster whose scheduler does not answer, or that has no worker which may make a run; what is made is kept."""


class RunFailed(NormlabError):
    """A run that ended without leaving a record, for instance because its process was killed."""


class Stopped(NormlabError):
    """A study that was told to stop before all of it was trained; what is finished is kept."""


class Diverged(NormlabError):
    """A single run whose loss stopped being a finite number."""


class Disagreement(NormlabError):
    """Numbers that normlab worked out and PyTorch does not find: a fault of normlab's, shown instead of them."""
