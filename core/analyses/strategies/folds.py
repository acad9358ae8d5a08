"""The folds with their columns prepared, each once, and the strategies' models on them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import VECTOR_DIRECTIONS, prepared
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.samplers import Codes, Training
from core.analyses.strategies.strategy import STRATEGIES
from core.analyses.strategies.trial import Problem
from core.numerics.association import Floats

if TYPE_CHECKING:
    import pandas as pd

At = tuple[int, int]  # repeat and fold
ROWS_EACH = 5  # training rows for each direction of vectors, at least
APART = "no row of a smaller class has a neighbour of another class, where it would make rows up"
UNSETTLED = "a fit did not converge, so nothing can be said of it"


class Fold(NamedTuple):
    """Training rows, and the held-out rows with their places."""

    training: Training
    test: Floats
    held: NDArray[np.int64]

    @property
    def natural(self) -> Floats:
        """Class shares of the training rows."""
        return np.asarray(self.training.counts / self.training.target.size, dtype=np.float64)


class Held(NamedTuple):
    """Of one fold and model: the held-out rows, their probabilities (n x k) as they are and with what has a
    closed form undone, the class shares of the training rows, and the seconds that it took.
    """

    rows: NDArray[np.int64]
    p: Floats
    undone: Floats
    natural: Floats
    seconds: float


class Folds:
    """The folds of a problem, whose columns are prepared on their training rows when they are first asked
    for.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        import pandas as pd

        self._problem, self._seed = problem, seed
        self._frame = pd.DataFrame(problem.values, columns=list(problem.columns.names))
        self._kept: dict[At, Fold] = {}

    @property
    def every(self) -> list[At]:
        """All pairs of repeat and fold."""
        folds = self._problem.folds
        return [(repeat, int(fold)) for repeat in range(len(folds)) for fold in np.unique(folds[repeat])]

    @property
    def tested(self) -> float:
        """Rows tested in a fold over rows trained on."""
        return 1.0 / (len(np.unique(self._problem.folds[0])) - 1)

    def fold(self, at: At) -> Fold:
        """One fold, prepared."""
        return self._kept[at] if at in self._kept else self._prepared(at)

    def _prepared(self, at: At) -> Fold:
        held = self._problem.folds[at[0]] == at[1]
        columns, rows = self._problem.columns, self._frame[~held]
        filled = filled_by_medians(rows[list(columns.numbers)]) if columns.numbers else None
        directions = min(VECTOR_DIRECTIONS, max(1, len(rows) // ROWS_EACH), len(columns.vectors))
        encoder = prepared(columns, self._seed, filled, directions)
        with np.errstate(divide="ignore", invalid="ignore"):  # texts of no variance
            matrix = np.asarray(encoder.fit_transform(rows), dtype=np.float64)
        test = np.asarray(encoder.transform(self._frame[held]), dtype=np.float64)
        target: Codes = self._problem.target[~held]
        training = Training(matrix, target, len(columns.levels), self._problem.classes)
        self._kept[at] = Fold(training, test, np.flatnonzero(held))
        return self._kept[at]


def filled_by_medians(numbers: pd.DataFrame) -> Any:
    """What fills missing numbers by their median and marks them, fitted as `prepared` would have it be: on
    two rows that have the medians and the gaps of all, as scikit-learn takes ten times as long for medians
    that pass over gaps.

    >>> import pandas as pd
    >>> numbers = pd.DataFrame({"a": [1.0, 2.0, np.nan, 9.0], "b": [3.0, 4.0, 4.0, 5.0]})
    >>> filled_by_medians(numbers).transform(numbers)[2].tolist()
    [2.0, 4.0, 1.0]
    """
    from sklearn.frozen import FrozenEstimator
    from sklearn.impute import SimpleImputer

    values = numbers.to_numpy(dtype=np.float64)
    gaps = np.isnan(values).any(axis=0)
    medians = np.array([_median(column) for column in values.T])
    two = numbers.iloc[:0].reindex(range(2))
    two[:] = np.stack([medians, np.where(gaps, np.nan, medians)])
    filled = SimpleImputer(strategy="median", add_indicator=bool(gaps.any()), keep_empty_features=True)
    return FrozenEstimator(filled.fit(two))


def _median(column: Floats) -> float:
    """The median of the known values; nan without any. Gaps come last when values are parted in two."""
    known = column.size - int(np.count_nonzero(np.isnan(column)))
    if not known:
        return float("nan")
    middle = known // 2
    parted = np.partition(column, middle)
    lower = parted[middle] if known % 2 else parted[:middle].max()
    return float((lower + parted[middle]) / 2.0)


def held_out(fold: Fold, strategy: str, models: Sequence[str], seed: int) -> list[Held | str]:
    """What each model predicts for the held-out rows of a fold, trained as the strategy has it; or why it
    cannot be used there.
    """
    from sklearn.exceptions import ConvergenceWarning

    way, rows = STRATEGIES[strategy], fold.training
    reason = way.needs(rows)
    if reason:
        return [reason for _ in models]
    outcomes: list[Held | str] = []
    begun = time.perf_counter()
    try:
        resampled = way.resample(rows, seed)
    except ValueError as error:  # a sampler that finds nothing to do, such as ADASYN among far classes
        return [str(error).splitlines()[0].rstrip(".") for _ in models]
    except RuntimeError:  # of ADASYN alone
        return [APART for _ in models]
    shared = time.perf_counter() - begun
    if any(np.count_nonzero(one.counts) < 2 for one in resampled):
        return ["it leaves a single class" for _ in models]
    for model in models:
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                trained = way.train(rows, resampled, MODELS[model], seed)
            except ConvergenceWarning:
                outcomes.append(UNSETTLED)
                continue
        p, undone = trained.predict(fold.test, fold.natural)
        outcomes.append(Held(fold.held, p, undone, fold.natural, time.perf_counter() - begun + shared))
    return outcomes
