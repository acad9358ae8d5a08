"""Filling by the rows that are alike, or by regressions on each other: what is learned from train, and how it
is used. For `core.steps.fill`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.numerics.rowhash import row_keys
from core.phrases import name
from core.prepare.hashes import row_hashes
from core.progress import SILENT, Progress
from core.steps.kind import Learned, State
from core.workers import LocalThreads

Floats = NDArray[np.float64]
DONORS = 2_000  # rows of train among which alike ones are looked for
FITTED = 20_000  # rows of train that regressions and correlations are learned from
FEATURES = 10  # other columns, those that go with the filled one most
ROUNDS = 3
BLOCK = 2_048  # rows that are filled at once
DISTANCES_MB = 4  # of distances at once
NUMBERS = ("int64", "double", "uint64")
FEWEST = 5


def candidates(state: State, column: str) -> tuple[str, ...]:
    """The columns of numbers that may say something of ``column``: features of a model that are not left
    out.
    """
    return tuple(
        one
        for one in state.data.features
        if one != column and one in state.names and state.data[one].stored in NUMBERS
    )


def learn_nearest(state: State, column: str) -> Learned:
    """Donors: at most 2,000 rows of train in which the column is known, drawn by their content, with the ten
    columns that are most correlated with it, and the scale of each. Raises `SettingError` without such
    columns.
    """
    columns, matrix, _, _ = _learned_from(state, column)
    donors = matrix[~np.isnan(matrix[:, 0])][:DONORS]
    mean, scale = _scale(donors)
    plain = [[None if np.isnan(cell) else float(cell) for cell in row] for row in donors]
    return {"columns": columns, "donors": plain, "mean": mean.tolist(), "scale": scale.tolist()}


def learn_iterative(state: State, column: str) -> Learned:
    """Three rounds of Bayesian ridge regressions of each column on the others (van Buuren and
    Groothuis-Oudshoorn 2011), fitted on at most 20,000 rows of train: ``steps`` of [column, others,
    coefficients, intercept], on scaled numbers. Raises `SettingError` where none can be fitted.
    """
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    columns, matrix, mean, scale = _learned_from(state, column)
    state.progress.check()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        imputer = IterativeImputer(max_iter=ROUNDS, random_state=0, keep_empty_features=True)
        imputer.fit((matrix - mean) / scale)
    steps = [
        [int(one), others.tolist(), model.coef_.tolist(), float(model.intercept_)]
        for one, others, model in imputer.imputation_sequence_
    ]
    start = imputer.initial_imputer_.statistics_
    if not all(np.isfinite([*coefficients, intercept]).all() for _, _, coefficients, intercept in steps):
        raise SettingError(f"No regression can be fitted for {name(column)}; clip large numbers first.")
    return {
        "columns": columns,
        "mean": mean.tolist(),
        "scale": scale.tolist(),
        "start": np.nan_to_num(start).tolist(),
        "steps": steps,
    }


def _learned_from(state: State, column: str) -> tuple[list[str], Floats, Floats, Floats]:
    """The column and those that go with it most; their numbers in rows of train drawn and ordered by their
    content, so that the order of rows means nothing; mean and deviation of each.
    """
    others = candidates(state, column)
    if not others:
        raise SettingError(
            f"There is no other column of numbers from which {name(column)} could be filled; fill it with "
            "the median."
        )
    rows = np.flatnonzero(state.fit)
    keys = row_keys(row_hashes(state.data, (column, *sorted(others)), state.progress.part(0.0, 0.2))[rows], 0)
    known = np.isfinite(state.numbers(column)[rows])
    if known.sum() < FEWEST:
        state.known(column)
        raise SettingError(f"{name(column)} has only {known.sum()} values in train; {FEWEST} are needed.")
    rows = rows[np.lexsort((keys, ~known))[:FITTED]]  # rows with a value first
    rows = rows[np.argsort(keys[np.searchsorted(np.flatnonzero(state.fit), rows)], kind="stable")]
    target = _finite(state.numbers(column)[rows])
    matrix = {one: _finite(state.numbers(one)[rows]) for one in others}
    ties = {one: _correlation(target, numbers) for one, numbers in matrix.items()}
    best = [one for one in sorted(others, key=lambda one: (-ties[one], one)) if ties[one] > 0][:FEATURES]
    if not best:
        raise SettingError(
            f"No other column of numbers goes with {name(column)} in train; fill it with the median."
        )
    whole = np.column_stack([target, *(matrix[one] for one in best)])
    mean, scale = _scale(whole)
    return [column, *best], whole, mean, scale


def _finite(numbers: Floats) -> Floats:
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _correlation(one: Floats, other: Floats) -> float:
    """The size of Pearson's correlation where both are known; 0 where there is none."""
    both = ~(np.isnan(one) | np.isnan(other))
    if both.sum() < FEWEST:
        return 0.0
    with np.errstate(all="ignore"):
        a, b = one[both] - one[both].mean(), other[both] - other[both].mean()
        size = abs(float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())))
    return size if np.isfinite(size) else 0.0


def _scale(matrix: Floats) -> tuple[Floats, Floats]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean, scale = np.nanmean(matrix, axis=0), np.nanstd(matrix, axis=0)
    if not np.isfinite(mean).all() or not np.isfinite(scale).all():
        raise SettingError("The numbers are too large to tell which rows are alike; clip them first.")
    return mean, np.where(scale > 0, scale, 1.0)


def fill_nearest(matrix: Floats, learned: Learned, progress: Progress = SILENT) -> Floats:
    """What rows without a value in the first column get, by `nearest_filler`: a block of rows at a time, side
    by side, so that their distances fit in the cache. matrix: their numbers, in the order of ``columns``.
    Raises `Cancelled` between two blocks.
    """
    import pandas as pd
    import sklearn

    columns = learned["columns"]
    filler = nearest_filler(*(learned[key] for key in ("columns", "donors", "mean", "scale")))

    def fill(first: int) -> Floats:
        block = pd.DataFrame(matrix[first : first + BLOCK], columns=columns)
        with sklearn.config_context(working_memory=DISTANCES_MB):
            return np.asarray(filler.transform(block).iloc[:, 0], dtype=np.float64)

    filled = np.empty(len(matrix))
    for at, block in enumerate(LocalThreads().map(fill, range(0, len(matrix), BLOCK))):
        filled[at * BLOCK : at * BLOCK + block.size] = block
        progress.at((at * BLOCK + block.size) / len(matrix), "Looking for the nearest rows")
    return filled


def nearest_filler(columns: list[str], donors: list[Any], mean: list[float], scale: list[float]) -> Any:
    """A pipeline of scikit-learn that scales, takes the mean of the 5 nearest donors, and scales back."""
    import numpy as np
    import pandas as pd
    from sklearn.impute import KNNImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = pd.DataFrame(np.array(donors, dtype=float), columns=columns)
    filler = make_pipeline(
        StandardScaler(), KNNImputer(n_neighbors=5, keep_empty_features=True), StandardScaler()
    )
    filler.set_output(transform="pandas")
    first, nearest, last = (step for _, step in filler.steps)
    first.fit(frame)
    centre, spread = np.array(mean), np.array(scale)
    first.mean_, first.scale_, first.var_ = centre, spread, spread**2
    nearest.fit(first.transform(frame))
    last.fit(nearest.transform(first.transform(frame.head(2))))
    last.mean_, last.scale_, last.var_ = -centre / spread, 1 / spread, 1 / spread**2
    return filler


def chained(matrix: Any, start: list[float], steps: list[Any]) -> Any:
    """Scaled numbers with what is missing (NaN) worked out by one regression after the other."""
    import numpy as np

    gaps = np.isnan(matrix)
    filled = np.where(gaps, np.array(start), matrix)
    for column, others, coefficients, intercept in steps:
        rows = gaps[:, column]
        told = (filled[rows][:, others] * np.array(coefficients)).sum(axis=1)
        filled[rows, column] = told + intercept
    return filled
