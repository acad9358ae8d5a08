"""One value per row for more rows than it is known of."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)


def spread(values: NDArray[Kind], there: NDArray[np.bool_], other: float = np.nan) -> NDArray[Kind]:
    """The values at the rows of the mask, ``other`` at the rest; no values stay none.

    >>> spread(np.array([1.0, 2.0]), np.array([True, False, True]))
    array([ 1., nan,  2.])
    >>> spread(np.zeros((0, 2)), np.array([True])).shape
    (0, 2)
    """
    if not len(values):
        return values
    whole = np.full((there.size, *values.shape[1:]), other, values.dtype)
    whole[there] = values
    return whole
