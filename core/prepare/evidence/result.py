"""What is known of the class of each labelled row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.phrases import name

_PREDICTS = 2.0  # standard errors
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassEvidence:
    """What models that did not see a row say of its class.

    target: the column of the labels. rows: ids of the rows judged, ascending (n). classes: their names (k).
    given: int32, n: place of each row's label in ``classes``. probabilities: float32, n x k. members: names
    of the models (m). votes: int32, m x n: the class that each finds most likely. weights: float64, m, of
    sum 1. losses: float64, m: the mean log loss of each, calibrated, on rows it did not see. rare: classes
    with too few rows to judge. notes: what was approximated or left out, in sentences. brought: what
    the probabilities that a person brought are called, to begin a sentence; "" where models were learned.
    in_sample: whether, as that person said, the model had seen the rows that it judges. alone: of the
    rows, how many count by themselves (0 to 1): whether the models agree with their label may hang together
    in rows that share a fold, being equal or of one group.
    """

    target: str
    rows: NDArray[np.int64]
    classes: tuple[str, ...]
    given: NDArray[np.int32]
    probabilities: Floats
    members: tuple[str, ...]
    votes: NDArray[np.int32]
    weights: NDArray[np.float64]
    losses: NDArray[np.float64]
    rare: tuple[str, ...]
    notes: tuple[str, ...]
    brought: str = ""
    in_sample: bool = False
    alone: float = 1.0

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.probabilities.nbytes + self.votes.nbytes + 12 * self.rows.size

    @property
    def doubts_mean_nothing(self) -> str:
        """That, and why, where the models do not predict the labels: no better, by two standard errors of the
        mean log loss, than the shares of the classes do; "" where they do.
        """
        own = self.probabilities[np.arange(self.given.size), self.given].astype(np.float64)
        shares = np.bincount(self.given, minlength=len(self.classes)) / self.given.size
        saved = np.log(np.maximum(own, 1e-4)) - np.log(shares[self.given])
        if saved.mean() * np.sqrt(self.given.size) > _PREDICTS * saved.std():
            return ""
        if self.brought:
            return (
                f"No label is called doubtful. {self.brought} do not predict {name(self.target)} better than "
                "the shares of its classes do: see whether rows and classes stand in the order of the data."
            )
        return (
            f"No label is called doubtful: the other columns do not predict {name(self.target)} better than "
            "the shares of its classes do."
        )
