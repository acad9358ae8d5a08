"""A column's distribution in either part, and weights under which it is the same in both: what is left of a
difference then does not follow from that column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Part = Literal["train", "serve"]
_LEVELS = 20  # of a category, the others together
_ROUNDS = 10
_IN_BIN, _FEWEST_BINS, _MOST_BINS = 25, 3, 8  # rows that a bin needs; bins of equal mass of each part


class Margin(NamedTuple):
    """A column in bins or levels: the code of each row in either part, and how many there are."""

    train: Codes
    serve: Codes
    size: int

    def shares(self, part: Part) -> Floats:
        """Share of each bin in a part."""
        codes: Codes = getattr(self, part)
        return np.bincount(codes, minlength=self.size) / max(1, codes.size)

    def at(self, train: NDArray[np.bool_], serve: NDArray[np.bool_]) -> Margin:
        """The same of these rows alone."""
        return Margin(self.train[train], self.serve[serve], self.size)

    @property
    def p(self) -> float:
        """Chi-squared test of one distribution."""
        from scipy.special import chdtrc

        seen = np.array([np.bincount(codes, minlength=self.size) for codes in (self.train, self.serve)])
        seen = seen[:, seen.sum(axis=0) > 0]
        expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / max(1, seen.sum())
        if seen.shape[1] < 2 or not expected.all():
            return 1.0
        return float(chdtrc(seen.shape[1] - 1, ((seen - expected) ** 2 / expected).sum()))


def of_levels(train: NDArray[np.int64], serve: NDArray[np.int64]) -> Margin:
    """A column of levels, numbered from the commonest on."""
    return Margin(np.minimum(train, _LEVELS), np.minimum(serve, _LEVELS), _LEVELS + 1)


def of_numbers(train: Floats, serve: Floats) -> Margin:
    """A column of numbers, in bins between the quantiles and the ends of either part; missing is a bin.

    Rows below the least or above the largest value of the other part stand in bins of their own:

    >>> of_numbers(np.arange(100.0), np.arange(50.0, 200.0)).shares("serve")[:2].tolist()
    [0.0, 0.0]
    """
    edges: list[float] = []
    for values in (train, serve):
        known = values[np.isfinite(values)]
        if known.size:
            bins = min(_MOST_BINS, max(_FEWEST_BINS, known.size // _IN_BIN))
            edges += np.quantile(known, np.arange(bins) / bins, method="lower").tolist()
            edges.append(float(np.nextafter(known.max(), np.inf)))
    ordered = np.unique(edges)
    codes = [
        np.where(np.isfinite(values), np.searchsorted(ordered, values, "right"), ordered.size + 1)
        for values in (train, serve)
    ]
    return Margin(codes[0], codes[1], ordered.size + 2)


def matched(margins: Sequence[Margin], of: Part) -> Floats:
    """Weights of the rows of a part under which each margin is that of the other part, where it has such rows
    at all: raking (Deming and Stephan 1940).

    >>> one = Margin(np.array([0, 0, 0, 1]), np.array([0, 1]), 2)
    >>> matched([one], "train").round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    other: Part = "serve" if of == "train" else "train"
    codes: list[Codes] = [getattr(one, of) for one in margins]
    aims = [one.shares(other) for one in margins]
    weights = np.ones(codes[0].size)
    for _ in range(_ROUNDS if len(margins) > 1 else 1):
        for place, aim in zip(codes, aims, strict=True):
            mass = np.bincount(place, weights, aim.size)
            weights = weights * np.divide(aim, mass, out=np.zeros_like(aim), where=mass > 0)[place]
    total = weights.sum()
    return weights * (weights.size / total) if total > 0 else weights
