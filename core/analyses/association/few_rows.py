"""Whether columns are multicollinear by a few rows alone, such as a row of totals, which is large in all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Floats
from core.numerics.correlation import Mask, collinearity, unit

MOST = 5  # rows left out, at most, and no more than a hundredth of all, but for one
_PER = 100


class FewRows(NamedTuple):
    """The least rows without which the largest variance inflation that they bring about is below the limit.

    vif: of each column without them (p); where there are none, that of all rows.
    places: of the rows among those looked at, ascending.
    """

    vif: Floats
    places: NDArray[np.int64]


def by_few_rows(values: NDArray[np.floating], known: Mask, vif: Floats, limit: float) -> FewRows:
    """Leave out the rows that lie farthest out in the columns at the limit or above, one by one.

    values: p x n, centred, of unit length, 0 where not ``known``. vif: of these, with all rows.

    >>> draw = np.random.default_rng(0).normal(size=(2, 200))
    >>> draw[:, 7] = 500.0  # the total of both
    >>> units = np.array([unit(one) for one in draw])
    >>> of_all = collinearity(units @ units.T).vif
    >>> few = by_few_rows(units, np.ones((2, 200), bool), of_all, 5.0)
    >>> bool(of_all.max() > 100), few.places.tolist(), few.vif.round(1).tolist()
    (True, [7], [1.0, 1.0])
    """
    none = FewRows(vif, np.zeros(0, np.int64))
    hit = np.flatnonzero(vif >= limit)
    if not hit.size:
        return none
    n = values.shape[1]
    far = np.square(values[hit], dtype=np.float64).sum(axis=0)
    most = min(max(1, min(MOST, n // _PER)), n)
    farthest = np.argpartition(-far, most - 1)[:most]
    farthest = farthest[np.argsort(-far[farthest], kind="stable")]
    best, places = vif, none.places
    for left_out in range(1, most + 1):
        now = _without(values, known, farthest[:left_out])
        freed = int(((vif >= limit) & (now < limit)).sum())
        if freed > int(((vif >= limit) & (best < limit)).sum()):
            best, places = now, np.sort(farthest[:left_out]).astype(np.int64)
        if freed == hit.size:
            break
    return FewRows(best, places)


def _without(values: NDArray[np.floating], known: Mask, rows: NDArray[np.intp]) -> Floats:
    """The variance inflation of each column without these rows."""
    kept = np.ones(values.shape[1], bool)
    kept[rows] = False
    pairs = zip(values, known, strict=True)
    units = np.array([unit(one[kept].astype(np.float64), mask[kept]) for one, mask in pairs])
    return collinearity(units @ units.T).vif
