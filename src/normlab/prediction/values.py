"""What the networks of a study say of pictures: frozen values, which print as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Guess:
    """What one arm says of one picture.

    Args:
        arm: its name.
        label: the class of the highest probability, on average over its seeds.
        probability: of that class, the mean over seeds, 0 to 1.
        low, high: the least and the greatest over seeds.
        agree: how many of the `seeds` have this class first.
        seeds: how many networks were asked.
    """

    arm: str
    label: str
    probability: float
    low: float
    high: float
    agree: int
    seeds: int


@dataclass(frozen=True)
class Prediction:
    """What every arm says of one picture; `notes` are what was done to make it an image of the data set."""

    picture: str
    guesses: tuple[Guess, ...]
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What most arms say; the surest where as many say another thing."""
        labels = [guess.label for guess in self.guesses]
        return max(self.guesses, key=lambda guess: (labels.count(guess.label), guess.probability)).label

    @property
    def disagree(self) -> bool:
        """Whether arms say different things."""
        return len({guess.label for guess in self.guesses}) > 1


@dataclass(frozen=True)
class Predictions:
    """Predictions for pictures in the order in which they were given; it iterates over them."""

    study: str
    each: tuple[Prediction, ...]

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    def __getitem__(self, index: int) -> Prediction:
        return self.each[index]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        pictures = [{**asdict(each), "label": each.label, "disagree": each.disagree} for each in self.each]
        return {"study": self.study, "pictures": pictures}

    def __repr__(self) -> str:
        return f"Predictions({self.study!r}, of {len(self.each)} picture{'' if len(self.each) == 1 else 's'})"

    def __str__(self) -> str:
        return "\n".join(line for each in self.each for line in _lines(each))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return f"<pre>{escape(str(self))}</pre>"


def guess(arm: str, probabilities: Sequence[NDArray[np.float32]], classes: Sequence[str]) -> Guess:
    """What an arm says, from the probabilities (classes,) of each of its seeds."""
    table = np.stack(probabilities).astype(np.float64)
    best = int(table.mean(axis=0).argmax())
    of_best = table[:, best]
    return Guess(
        arm=arm,
        label=classes[best],
        probability=float(of_best.mean()),
        low=float(of_best.min()),
        high=float(of_best.max()),
        agree=int((table.argmax(axis=1) == best).sum()),
        seeds=len(table),
    )


def _lines(prediction: Prediction) -> list[str]:
    """The answer, what each arm says where that is more, and what was done to the picture."""
    surest = max((g.probability for g in prediction.guesses if g.label == prediction.label), default=0.0)
    told = "the arms disagree" if prediction.disagree else f"{surest:.1%}"
    lines = [f"{prediction.picture}: {prediction.label} ({told})"]
    width = max(len(guess.arm) for guess in prediction.guesses)
    lines += [f"    {guess.arm:<{width}}  {_said(guess)}" for guess in prediction.guesses]
    return [*lines, *(f"    note: {note}" for note in prediction.notes)]


def _said(guess: Guess) -> str:
    seeds = f"{guess.agree} of {guess.seeds} seeds"
    return f"{guess.label}  {guess.probability:6.1%}  ({guess.low:.1%} to {guess.high:.1%} over seeds, {seeds})"
