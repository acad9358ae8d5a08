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
