"""Products of matrices that are the same to the last bit however the rows are cut into batches.

Linear algebra libraries add in an order that depends on the shape. On numbers rounded to a grid so coarse
that every partial sum is a whole number below 2**53 no sum is rounded, and the order does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FINE = 10  # values lie on multiples of 2**-FINE
WIDE = 14  # and within 2**WIDE of 0
_MANTISSA = 53
_ALONE = 200_000  # multiplications up to which a library does a product on one thread
_LEAST = 64  # columns of a block
_FINER = 24  # the values that are summed lie on multiples of 2**-_FINER
SUM_UNIT = 2.0 ** -(FINE + _FINER)
_HIGH, _LOW, _ROWS = 24, 16, 8_192  # bits of a value and of a number whose products' sum is exact


def on_grid(values: Floats) -> Floats:
    """The values on the grid, those beyond its ends brought to them; changed in place.

    >>> on_grid(np.array([0.1, -1e9])).tolist()
    [0.099609375, -16384.0]
    """
    step, end = 2.0**FINE, 2.0**WIDE
    np.clip(values, -end, end, out=values)
    np.multiply(values, step, out=values)
    np.rint(values, out=values)
    return np.multiply(values, 1.0 / step, out=values)


def coarse(weights: Floats) -> Floats:
    """Weights, k x p, on a grid so coarse that their product with any matrix on the grid is exact.

    >>> exact = coarse(np.array([[0.1, 1.0, 7.0]]))
    >>> bool(np.abs(exact - [0.1, 1.0, 7.0]).max() < 1e-6)
    True
    """
    largest = float(np.abs(weights).max(initial=0.0))
    if not largest > 0.0:
        return np.zeros_like(weights)
    terms = max(1, weights.shape[1]).bit_length()
    bits = _MANTISSA - (FINE + WIDE) - terms - 1
    step = 2.0 ** (bits - int(np.frexp(largest)[1]))
    return np.asarray(np.rint(weights * step) / step)


def exact_product(weights: Floats, matrix: Floats) -> Floats:
    """``weights @ matrix``: k x p by p x n, of weights from `coarse` and a matrix from `on_grid`.

    Block by block, each too small for the library's threads: on a busy machine these wait for each other
    longer than the product takes.
    """
    block, columns = _ALONE // max(1, weights.size), matrix.shape[1]
    if not _LEAST <= block < columns:
        return np.asarray(weights @ matrix)
    product = np.empty((len(weights), columns))
    for at in range(0, columns, block):
        np.matmul(weights, matrix[:, at : at + block], out=product[:, at : at + block])
    return product


def exact_sums(values: Floats, matrix: Floats) -> tuple[int, ...]:
    """``values @ (matrix, 1).T``, k x (p + 1), row by row, in units of `SUM_UNIT`: whole numbers without end,
    so that sums over any parts of the columns, in any order, are the same.

    values: k x n, rounded to multiples of 2**-24. matrix: p x n, from `on_grid`.

    >>> [one * SUM_UNIT for one in exact_sums(np.array([[0.5, -0.25]]), np.array([[1.0, 3.0]]))]
    [-0.25, 0.25]
    """
    height, width = len(values), len(matrix)
    total = np.zeros((height, width + 1), object)
    for start in range(0, values.shape[1], _ROWS):
        limbs = _limbs(np.rint(values[:, start : start + _ROWS] * 2.0**_FINER), _HIGH)
        block = matrix[:, start : start + _ROWS]
        stacked = limbs[0] if len(limbs) == 1 else np.concatenate(limbs)
        ends = _whole(stacked.sum(axis=1)).reshape(len(limbs), height)
        for power, columns in enumerate(_limbs(block * 2.0**FINE, _LOW)):
            sums = _whole(stacked @ columns.T).reshape(len(limbs), height, width)
            for at in range(len(limbs)):
                total[:, :-1] += sums[at] * (1 << (power * _LOW + at * _HIGH))
        for at in range(len(limbs)):
            total[:, -1] += ends[at] * (1 << (FINE + at * _HIGH))
    return tuple(int(one) for one in total.ravel())


def _limbs(whole: Floats, bits: int) -> list[Floats]:
    """Whole numbers as parts of so many bits each, the lowest first."""
    parts = []
    while max(whole.max(initial=0.0), -whole.min(initial=0.0)) > 2.0**bits:
        high = np.rint(whole * 2.0**-bits)
        parts.append(whole - high * 2.0**bits)
        whole = high
    return [*parts, whole]


def _whole(values: Floats) -> NDArray[np.object_]:
    """Whole numbers of at most 2**53 as Python's own."""
    return np.asarray(values.astype(np.int64).astype(object))
