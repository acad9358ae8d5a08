"""Sums that are the same in whatever order they are added up: numbers are first rounded to a common grid, and
whole numbers add exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.progress import SILENT, Progress

_ROWS = 8192  # rows taken at once


def centre_and_total(
    values: NDArray[np.float32], known: NDArray[np.bool_], progress: Progress = SILENT
) -> tuple[NDArray[np.float32], np.float32]:
    """Mean of each column, and the sum of their variances, over the rows ``known`` of an n x p matrix of
    finite numbers.

    On a grid of 2**-40 of the largest number or finer for a million rows, so neither depends on the order of
    the rows.

    >>> rows = np.array([[1, 5], [3, 5], [9, 9]], np.float32)
    >>> centre, total = centre_and_total(rows, np.array([True, True, False]))
    >>> centre.tolist(), float(total)
    ([2.0, 5.0], 1.0)
    """
    rows = np.flatnonzero(known)
    bits = 62 - int(max(2, rows.size) - 1).bit_length()
    largest = max((float(np.abs(values[some]).max(initial=0.0)) for some in _steps(rows)), default=0.0)
    if not rows.size or not largest:
        return np.zeros(values.shape[1], np.float32), np.float32(0.0)
    grid = 2.0 ** (bits - int(np.frexp(largest)[1]))
    sums = np.zeros(values.shape[1], np.int64)
    for some in progress.each(_steps(rows), "Scaling vectors"):
        sums += np.rint(values[some] * grid).astype(np.int64).sum(axis=0)
    centre = (sums / grid / rows.size).astype(np.float32)
    scale, squares = 2.0 * largest, 0
    for some in _steps(rows):
        away = (values[some].astype(np.float64) - centre) / scale
        squares += int(np.rint(away**2 * 2.0**bits).astype(np.int64).sum(axis=0).astype(object).sum())
    return centre, np.float32(squares / 2.0**bits / rows.size * scale**2)


def _steps(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[start : start + _ROWS] for start in range(0, rows.size, _ROWS)]
