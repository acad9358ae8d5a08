"""Counts, means and co-moments of many columns, in one pass, mergeable: all that least squares, principal
components and correlations need, without sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields

Floats = NDArray[np.float64]
_RANK = 1e-12  # eigenvalues below this share of the largest count as 0: collinear columns


@dataclass(frozen=True, eq=False)
class Comoments:
    """``total``: sum of the weights of the rows. ``mean``: p. ``scatter``: p x p, sum of w (x - mean)(x -
    mean)'.
    """

    total: float
    mean: Floats
    scatter: Floats

    def __post_init__(self) -> None:
        lock_fields(self)

    @classmethod
    def of(cls, rows: Floats, weights: Floats | None = None) -> Comoments:
        """Of a matrix, n x p, in two passes over it."""
        n, width = rows.shape
        each = np.ones(n) if weights is None else weights
        total = float(each.sum())
        if not total:
            return cls(0.0, np.zeros(width), np.zeros((width, width)))
        mean = (each @ rows) / total
        away = rows - mean
        return cls(total, mean, (away * each[:, None]).T @ away)

    def merged(self, other: Comoments) -> Comoments:
        """Of the rows of both (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance").

        >>> rows = np.random.default_rng(0).normal(size=(100, 3))
        >>> whole, both = Comoments.of(rows), Comoments.of(rows[:30]).merged(Comoments.of(rows[30:]))
        >>> bool(np.allclose(whole.scatter, both.scatter, rtol=1e-12))
        True
        """
        total = self.total + other.total
        if not total:
            return self
        apart = other.mean - self.mean
        mean = self.mean + apart * (other.total / total)
        between = np.outer(apart, apart) * (self.total * other.total / total)
        return Comoments(total, mean, self.scatter + other.scatter + between)

    def without(self, other: Comoments) -> Comoments:
        """Of the rows of this one that are not in ``other``: its inverse merge."""
        total = self.total - other.total
        if total <= 0:
            return Comoments(0.0, np.zeros_like(self.mean), np.zeros_like(self.scatter))
        mean = (self.mean * self.total - other.mean * other.total) / total
        apart = other.mean - mean
        between = np.outer(apart, apart) * (total * other.total / self.total)
        return Comoments(total, mean, self.scatter - other.scatter - between)

    @property
    def correlation(self) -> Floats:
        """Pearson correlations, p x p; nan where a column does not vary."""
        spread = np.sqrt(np.clip(np.diag(self.scatter), 0.0, None))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.scatter / np.outer(spread, spread))


class LeastSquares(NamedTuple):
    """``coefficients``: of the columns but the target. ``offset``. ``explained``: R squared."""

    coefficients: Floats
    offset: float
    explained: float


def least_squares(moments: Comoments, target: int = -1, ridge: float = 0.0) -> LeastSquares:
    """Least squares of the column ``target`` on all others; with ``ridge``, plus that times the squared
    coefficients. Of collinear columns the solution of least norm.

    >>> rows = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]])
    >>> fit = least_squares(Comoments.of(rows))
    >>> fit.coefficients.round(6).tolist(), round(fit.offset, 6), round(fit.explained, 6)
    ([2.0], 1.0, 1.0)
    """
    at = target % moments.mean.size
    others = np.delete(np.arange(moments.mean.size), at)
    inner = moments.scatter[np.ix_(others, others)] + ridge * np.eye(others.size)
    cross, whole = moments.scatter[others, at], float(moments.scatter[at, at])
    scale = np.sqrt(np.clip(np.diag(inner), 1e-300, None))
    found = np.linalg.lstsq(inner / np.outer(scale, scale), cross / scale, rcond=_RANK)[0] / scale
    left = whole - 2.0 * found @ cross + found @ moments.scatter[np.ix_(others, others)] @ found
    explained = 1.0 - float(left) / whole if whole > 0 else float("nan")
    return LeastSquares(found, float(moments.mean[at] - found @ moments.mean[others]), explained)


class Principal(NamedTuple):
    """``variances``: p, falling. ``directions``: p x p, one per row; its largest entry is positive."""

    variances: Floats
    directions: Floats


def principal(moments: Comoments) -> Principal:
    """The principal components of the columns (sample covariance, n - 1).

    >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> found = principal(Comoments.of(rows))
    >>> found.variances.round(6).tolist(), np.abs(found.directions[0]).round(4).tolist()
    ([2.0, 0.0], [0.7071, 0.7071])
    """
    variances, vectors = np.linalg.eigh(moments.scatter / max(moments.total - 1.0, 1.0))
    directions = vectors[:, ::-1].T
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return Principal(np.clip(variances[::-1], 0.0, None), directions * signs[:, None])


def inverse_root(gram: Floats) -> Floats:
    """A matrix R, r x p, with R'R the (pseudo-)inverse of a positive semi-definite p x p matrix: ``|R x|`` is
    the norm of x in its metric.
    """
    scale = np.sqrt(np.clip(np.diag(gram), 1e-300, None))
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    known = values > max(float(values.max(initial=0.0)), 1e-300) * 1e-9
    return np.asarray((vectors[:, known] / np.sqrt(values[known])).T / scale)
