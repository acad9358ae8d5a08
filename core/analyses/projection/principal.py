"""The directions in which rows differ most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import MatrixRows
from core.progress import SILENT, Progress

Floats = NDArray[np.float32]
DIRECTIONS = 50  # of the space that neighbours are looked for in
_CHUNK = 65_536


def principal(matrix: MatrixRows, order: NDArray[np.int64], most: int, progress: Progress = SILENT) -> Floats:
    """Principal components of the rows ``matrix[order]`` (n x p, finite): n x min(p, most), centred, largest
    spread first.

    Exact (eigenvectors of the p x p covariance, summed in double precision in the order given); each
    direction points to where its largest loading is positive. One matrix of the result's size is made, none
    of the input's.

    >>> principal(np.array([[0, 0], [4, 3], [8, 6]], np.float32), np.arange(3), 1).tolist()
    [[-5.0], [0.0], [5.0]]
    """
    n, p = order.size, matrix.shape[1]
    if n == 0 or p == 0:
        return np.zeros((n, 0), np.float32)
    chunks = [order[start : start + _CHUNK] for start in range(0, n, _CHUNK)]
    mean = np.sum([matrix[rows].sum(axis=0, dtype=np.float64) for rows in chunks], axis=0) / n
    spread = np.zeros((p, p))
    for rows in progress.each(chunks, "Finding the main directions"):
        centred = (matrix[rows] - mean).astype(np.float64)
        spread += centred.T @ centred
    _, vectors = np.linalg.eigh(spread)
    axes = vectors[:, ::-1][:, :most]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    components = np.empty((n, axes.shape[1]), np.float32)
    for start, rows in zip(range(0, n, _CHUNK), chunks, strict=True):
        components[start : start + rows.size] = (matrix[rows] - mean) @ axes
    return components
