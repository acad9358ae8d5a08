"""How train and serve mix around each point of a map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAR = 15


def local_mixing(
    points: NDArray[np.floating], serve: NDArray[np.bool_], near: int = NEAR
) -> NDArray[np.float32]:
    """Per point the share of the other part among its ``near`` nearest others, over what it would be if the
    parts lay alike: 1 is mixed as by chance, 0 is apart. points: rows x 2. All nan where there is one part
    only.

    >>> points = np.array([[0, 0], [1, 0], [9, 9], [9, 8]])
    >>> local_mixing(points, np.array([False, False, True, True]), 1).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    from sklearn.neighbors import NearestNeighbors

    n, second = serve.size, int(serve.sum())
    if not 0 < second < n:
        return np.full(n, np.nan, np.float32)
    near = min(near, n - 1)
    index = (
        NearestNeighbors(n_neighbors=near + 1, algorithm="kd_tree")
        .fit(points)
        .kneighbors(points, return_distance=False)
    )
    # a point is of its own part, so it never counts itself
    share = (serve[index] != serve[:, None]).sum(axis=1) / near
    expected = np.where(serve, n - second, second) / (n - 1)
    mixed: NDArray[np.float32] = (share / expected).astype(np.float32)
    return mixed
