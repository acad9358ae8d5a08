"""Weights of rows as decisions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import Decision
from core.rowset import RowSet

FIGURES = 2  # significant digits of a weight in a decision
DIGITS = f"{('one', 'two', 'three')[FIGURES - 1]} significant digits"  # in words
MOST = 200_000  # rows up to which weights become decisions; beyond, the recipe would grow by megabytes


def weight_decisions(
    dataset: Dataset, weight: NDArray[np.floating], why: str = "", *, coreset: bool = False
) -> tuple[Decision, ...]:
    """One decision per distinct weight, after rounding to two significant digits, which keeps the recipe
    short; nan means no weight. weight: one per row of ``dataset``. They say that they were worked out, so
    that no row counts as looked at for them (`core.decision.Decision.worked_out`). coreset: whether they came
    with one, which they say, too (`core.decision.Decision.of_coreset`).

    The error of rounding, at most 5%, is far below that of the estimate itself.
    """
    ids = np.flatnonzero(np.isfinite(weight))
    rounded = significant(weight[ids].astype(np.float64))
    order = np.argsort(rounded, kind="stable")
    values, starts = np.unique(rounded[order], return_index=True)
    groups = np.split(ids[order], starts[1:])
    return tuple(
        Decision(
            "weight",
            dataset.source_rows(RowSet(np.sort(rows))),
            float(value),
            why,
            settings={"worked_out": True} | ({"coreset": True} if coreset else {}),
        )
        for value, rows in zip(values, groups, strict=True)
    )


def significant(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded to two significant digits each, however small; 0 stays 0.

    >>> significant(np.array([0.0, 0.12345, 1.987, 23.4, 0.00004321, 995.0])).tolist()
    [0.0, 0.12, 2.0, 23.0, 4.3e-05, 1000.0]
    """
    size = np.floor(np.log10(np.where(values > 0.0, np.maximum(values, 1e-290), 1.0)))
    places = FIGURES - 1 - size
    up, down = np.power(10.0, np.maximum(places, 0.0)), np.power(10.0, np.maximum(-places, 0.0))
    return np.asarray(np.round(values * up / down) * down / up)
