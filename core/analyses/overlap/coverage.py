"""How much of one cloud of points lies where the other has points too: coverage (Naeem and others 2020), read
off one graph.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Graph = NDArray[np.int32]
Mask = NDArray[np.bool_]
BALL = 5  # neighbours of its own part that span a row's ball


def coverage(index: Graph, own: Mask, k: int = BALL) -> float:
    """The share of the rows ``own`` whose ball, as wide as the k-th nearest row of its own part, holds a row
    of the other part.

    index: n x at least k, each row's nearest other rows among both parts, nearest first. (The ball is empty
    of the others exactly if the k nearest rows of all are of the own part, so that one joint graph serves
    both directions.) Naeem, Oh, Uh, Choi and Yoo 2020, "Reliable fidelity and diversity metrics for
    generative models" (ICML).
    """
    rows = np.flatnonzero(own)
    return float(1.0 - own[index[rows, :k]].all(axis=1).mean()) if rows.size else float("nan")
