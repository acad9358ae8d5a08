"""Which points a box or lasso holds, told from its outline against all points, drawn or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def inside(
    xs: NDArray[np.float64], ys: NDArray[np.float64], x: NDArray[Any], y: NDArray[Any]
) -> NDArray[np.bool_]:
    """Whether each point (x, y) lies within the polygon with corners (xs, ys), by counting crossings
    (even-odd rule).

    Points are sorted by height once, and each edge looks only at the points between its ends: about n log n
    work.

    >>> square = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> inside(*square, np.array([0.5, 2.0]), np.array([0.5, 0.5])).tolist()
    [True, False]
    """
    held = np.zeros(x.size, bool)
    near = np.flatnonzero((x >= xs.min()) & (x <= xs.max()) & (y >= ys.min()) & (y <= ys.max()))
    near = near[np.argsort(y[near], kind="stable")]
    px, py = x[near].astype(float), y[near].astype(float)
    odd = np.zeros(near.size, bool)
    for x1, y1, x2, y2 in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        low, high = np.searchsorted(py, (min(y1, y2), max(y1, y2)), side="left")
        if high > low:
            crossing = x1 + (py[low:high] - y1) / (y2 - y1) * (x2 - x1)
            odd[low:high] ^= px[low:high] < crossing
    held[near] = odd
    return held


def chosen(selection: Mapping[str, Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_] | None:
    """The points within any box or lasso of a figure's selection event; None when nothing is drawn."""
    boxes, lassos = selection.get("box") or [], selection.get("lasso") or []
    if not boxes and not lassos:
        return None
    held = np.zeros(x.size, bool)
    for box in boxes:
        (x1, x2), (y1, y2) = sorted(box["x"]), sorted(box["y"])
        held |= (x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)
    for lasso in lassos:
        held |= inside(np.asarray(lasso["x"], float), np.asarray(lasso["y"], float), x, y)
    return held
