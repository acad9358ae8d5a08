"""How well two parts are mixed: the share of neighbours that are of the other part, held against permutations
of the labels on the same graph.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.coverage import BALL
from core.progress import SILENT, Progress

Graph = NDArray[np.int32]
Mask = NDArray[np.bool_]
NEAR = 15
ROUNDS = 200


class Permuted(NamedTuple):
    """A number, and its mean and standard deviation over permutations of the labels on the same graph.
    ``p``: the share of permutations, this one counted, that keep the parts at least as far apart. ``edge``:
    1% of the permutations lie below it."""

    value: float
    mean: float
    spread: float
    p: float
    edge: float

    @property
    def z(self) -> float:
        """Standard deviations above the mean of the permutations; negative where the parts keep apart."""
        return (self.value - self.mean) / self.spread if self.spread else 0.0


class Mixed(NamedTuple):
    """``mixing``: share of neighbours of the other part. ``serve``, ``train``: coverage of each part by the
    other.
    """

    mixing: Permuted
    serve: Permuted
    train: Permuted


def mixing(index: Graph, serve: Mask) -> float:
    """The mean share, over all rows, of a row's neighbours that belong to the other part (Schilling 1986;
    Henze 1988).

    >>> mixing(np.array([[1], [0], [1]], np.int32), np.array([True, True, False])).__round__(3)
    0.333
    """
    return float((serve[index] != serve[:, None]).mean()) if index.size else float("nan")


def mixed(index: Graph, serve: Mask, seed: int, rounds: int = ROUNDS, progress: Progress = SILENT) -> Mixed:
    """Mixing and both coverages, held against ``rounds`` permutations of the same labels on the fixed graph.

    index: n x k, k at least 5, each row's nearest other rows among both parts, nearest first. Permutations
    are exact where rows are equal or lie on a grid too, where closed forms are not.
    """
    draw = np.random.default_rng(seed)
    # looked at 200 times: a neighbour at a time, in numpy's own integers
    graph = np.ascontiguousarray(index.T, dtype=np.int64)
    values = _all(graph, serve)
    labels = serve.copy()
    draws = np.empty((rounds, 3))
    for at in progress.each(range(rounds), "Mixing the parts"):
        draw.shuffle(labels)
        draws[at] = _all(graph, labels)
    return Mixed(*(_held(value, one) for value, one in zip(values, draws.T, strict=True)))


def _held(value: float, draws: NDArray[np.float64]) -> Permuted:
    lower = int((draws <= value + 1e-12).sum())
    return Permuted(
        value,
        float(draws.mean()),
        float(draws.std(ddof=1)),
        (1 + lower) / (draws.size + 1),
        float(np.quantile(draws, 0.01)),
    )


def _all(index: NDArray[np.int64], serve: Mask) -> tuple[float, float, float]:
    """`mixing` and both `coverage`, from one look at the graph, here k x n."""
    alike = serve.take(index) == serve
    inside = alike[:BALL].all(axis=0)
    shares = [1.0 - float(inside[part].mean()) if part.any() else float("nan") for part in (serve, ~serve)]
    return (
        1.0 - int(np.count_nonzero(alike)) / alike.size if alike.size else float("nan"),
        shares[0],
        shares[1],
    )
