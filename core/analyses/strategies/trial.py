"""What is tried, on which rows, and what comes of one strategy with one model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import Columns
from core.analyses.strategies.scores import Codes, Wanted
from core.analyses.strategies.threshold import Aim
from core.numerics.association import Floats


class Problem(NamedTuple):
    """The rows to learn from, in an order that does not depend on the source.

    values: of each column by name: float64 for numbers, object (text or nan) for levels and texts. columns:
    what is done with them. target: class codes, n. classes: how many. folds: of each row, repeats x n.
    """

    values: dict[str, NDArray[Any]]
    columns: Columns
    target: Codes
    classes: int
    folds: NDArray[np.int8]


BETTER = "better"


class Plan(NamedTuple):
    """What to try, in this order: strategies, each with the models that share its rows; and how it is judged.

    aim, goal: of the tuned threshold (two classes). costs: k x k, of predicting the column where the row is
    given (more classes). score: by which strategies are compared. curves: the model of the learning curves,
    "" for none, `BETTER` for that which does better without rebalancing.
    """

    trials: tuple[tuple[str, tuple[str, ...]], ...]
    wanted: Wanted
    aim: Aim
    goal: float
    costs: Floats
    score: str
    curves: str
    seed: int


class Trial(NamedTuple):
    """One strategy with one model.

    plain: by score, one value per fold of every repeat: as the model says, the likeliest class chosen.
    corrected: the same with the probabilities made right, and the tuned threshold.
    correction: what made them right (a key of `CORRECTIONS`).
    p, p_corrected, p_prior, p_platt, p_isotonic: held-out probabilities of the first repeat, as the model
        says, made right, and by each correction that there is: n for two classes (of the second), n x k for
        more; None where they cannot be had or are too many.
    threshold: tuned, per fold; nan for more than two classes.
    seconds: for all folds. left_out: why it was not tried, or "".
    """

    model: str
    strategy: str
    plain: dict[str, Floats] = {}
    corrected: dict[str, Floats] = {}
    correction: str = "none"
    p: Floats | None = None
    p_corrected: Floats | None = None
    p_prior: Floats | None = None
    p_platt: Floats | None = None
    p_isotonic: Floats | None = None
    threshold: Floats = np.zeros(0)
    seconds: float = 0.0
    left_out: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Model and strategy."""
        return self.model, self.strategy


class LearningCurve(NamedTuple):
    """A learning curve of one class: a mean score of it against the rest by rows of it in training.

    score: "auroc" or "average_precision". rows: ascending, the last one all. means: as many. gain: of the
    last doubling, low and high its 95% interval. next: gain of the next doubling, extrapolated. says:
    "helps", "hardly" or "unclear". model: by which it was measured.
    """

    place: int
    score: str
    rows: tuple[int, ...]
    means: tuple[float, ...]
    gain: float
    low: float
    high: float
    next: float
    says: str
    model: str


class Tried(NamedTuple):
    """What is new: trials, and learning curves."""

    trials: tuple[Trial, ...] = ()
    curves: tuple[LearningCurve, ...] = ()
