"""How much each row matters to a loss: the formulas, one class each, frozen once learned and plain JSON.

A score is an upper bound, or a stand-in, of a row's sensitivity: the largest share of the total loss that it
can hold (Feldman and Langberg 2011). Rows drawn in proportion to it and weighted by its inverse keep the loss
(Langberg and Schulman 2010); that a fifth of it is the same for all rows bounds every weight by five times
the mean (Wang, Zhu and Ma 2018).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.exact_product import exact_product

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_AT_ONCE = 200_000  # squared distances that fit the processor's cache
EVEN = 0.2  # of the score of trees is the same within a class


class Scored(NamedTuple):
    """Per row its stratum, int64, and its score before scaling, float64, at least 0. ``lost``: of logistic
    scores, c x n, the slope of each row's loss in the pilot's log-odds: probability less truth.
    """

    stratum: Ints
    score: Floats
    lost: Floats | None = None


@dataclass(frozen=True, eq=False)
class FrozenScore(ABC):
    """A frozen score. arrays: what it learned, by name."""

    arrays: dict[str, Floats]

    @property
    def strata(self) -> int:
        """How many strata there are: one where a score says nothing else."""
        return 1

    @property
    def groups(self) -> Ints:
        """The group of each stratum: rows are drawn group by group, and weighed by strata; groups ascend.
        Each stratum is its own where a score says nothing else.
        """
        return np.arange(self.strata)

    @abstractmethod
    def of(self, matrix: Floats, target: Floats) -> Scored:
        """Of rows, p x n, and their target: class codes or numbers."""


def length(root: Floats, matrix: Floats) -> Floats:
    """``|R (x, 1)|`` of each column x of the matrix. root: r x (p + 1)."""
    placed = exact_product(root[:, :-1], matrix)
    placed += root[:, -1:]
    np.multiply(placed, placed, out=placed)
    total = np.zeros(matrix.shape[1])
    for row in placed:  # in a fixed order, whatever the batch
        total += row
    return np.sqrt(total)


def _odds(weights: Floats, matrix: Floats) -> Floats:
    """Probabilities, classes x n, by a fixed order of operations. weights: c x (p + 1)."""
    odds = exact_product(weights[:, :-1], matrix)
    odds += weights[:, -1:]
    if len(odds) == 1:
        odds = np.concatenate([np.zeros_like(odds), odds])
    odds -= odds.max(axis=0)
    np.exp(odds, out=odds)
    total = np.zeros(odds.shape[1])
    for row in odds:
        total += row
    return np.asarray(odds / total)


def errorlength(odds: Floats, classes: Ints) -> Floats:
    """``|p - e_y|``, the length of the error in the probabilities (EL2N; Paul, Ganguli and Dziugaite 2021).

    odds: classes x n.

    >>> errorlength(np.array([[0.75], [0.25]]), np.array([0])).round(4).tolist()
    [0.3536]
    """
    squares = np.zeros(odds.shape[1])
    for row in odds:
        squares += row * row
    own = odds[classes, np.arange(classes.size)]
    return np.asarray(np.sqrt(np.maximum(squares - 2.0 * own + 1.0, 0.0)))


class Logistic(FrozenScore):
    """``|p - e_y| |x|`` in the metric of the inverse Fisher information of a pilot: the length of the row's
    gradient where the loss is minimal, by which the variance of the estimate is smallest (Wang, Zhu and Ma
    2018, A-optimality; Yao and Wang 2019 for many classes).

    arrays: weights, c x (p + 1); root, r x (p + 1), of G = sum h x x', h = 1 - sum p**2.
    """

    @property
    def strata(self) -> int:
        """One per class."""
        return max(2, len(self.arrays["weights"]))

    def of(self, matrix: Floats, target: Floats) -> Scored:
        """See `FrozenScore`."""
        classes = target.astype(np.int64)
        odds = _odds(self.arrays["weights"], matrix)
        score = errorlength(odds, classes) * length(self.arrays["root"], matrix)
        odds[classes, np.arange(classes.size)] -= 1.0
        return Scored(classes, score, odds[-len(self.arrays["weights"]) :])


class Leverage(FrozenScore):
    """The leverage of (x, y): the exact sensitivity of least squares (Drineas, Mahoney and Muthukrishnan
    2006), y counted as one more column.

    arrays: root, r x (p + 2), of the inverse Gram matrix of (x, y, 1).
    """

    def of(self, matrix: Floats, target: Floats) -> Scored:
        """See `FrozenScore`. target: on the grid, in units of its spread."""
        with_target = np.concatenate([matrix, target[None, :]])
        return Scored(np.zeros(target.size, np.int64), length(self.arrays["root"], with_target) ** 2)


class RidgeLeverage(FrozenScore):
    """x' (S + |X - X_k|_F**2 / k I)^-1 x: keeps the k leading directions (Cohen, Musco and Musco 2017).

    arrays: root, r x (p + 1), its last column 0 beyond the centre.
    """

    def of(self, matrix: Floats, target: Floats) -> Scored:
        """See `FrozenScore`."""
        rows = matrix.shape[1]
        return Scored(np.zeros(rows, np.int64), length(self.arrays["root"], matrix) ** 2)


class ClusterScore(FrozenScore):
    """d(x)**2 / sum d**2 + c_B / (|B| sum d**2) + 1 / (k |B|): the sensitivity of k-means by an approximate
    solution, B the cell of x and c_B its cost (Bachem, Lucic and Krause 2017, Algorithm 2, in the simple
    form). Strata are the cells of a finer solution.

    arrays: centres, k x p; flat, k: what the last two terms of a cell come to, per row and times the rows;
    cost: the mean of d**2; fine, b x p: many more centres; group, b: the cluster of each. Pilots saved before
    there were finer cells have one for each cluster.
    """

    @property
    def strata(self) -> int:
        """One per finer cell."""
        return len(self.arrays.get("fine", self.arrays["centres"]))

    @property
    def groups(self) -> Ints:
        """The cluster of each finer cell."""
        return self.arrays["group"].astype(np.int64) if "group" in self.arrays else np.arange(self.strata)

    def of(self, matrix: Floats, target: Floats) -> Scored:
        """See `FrozenScore`."""
        cell, away = nearest(self.arrays["centres"], matrix)
        cost = float(self.arrays["cost"][0])
        score = away / cost + self.arrays["flat"][cell] if cost > 0 else np.ones(cell.size)
        return Scored(nearest(self.arrays["fine"], matrix)[0] if "fine" in self.arrays else cell, score)


def nearest(centres: Floats, matrix: Floats) -> tuple[Ints, Floats]:
    """The nearest of k centres (coarse) to each of n rows, p x n, and its squared distance."""
    squares = np.zeros(matrix.shape[1])
    for row in matrix:
        squares += row * row
    cell, least = np.empty(squares.size, np.int64), np.empty(squares.size)
    block, lengths = max(64, _AT_ONCE // len(centres)), (centres**2).sum(axis=1)[:, None]
    for start in range(0, squares.size, block):
        away = exact_product(centres, matrix[:, start : start + block])
        away *= -2.0
        away += lengths
        mine = cell[start : start + block] = away.argmin(axis=0)
        least[start : start + block] = away[mine, np.arange(mine.size)]
    return cell, np.maximum(least + squares, 0.0)


class Tree(FrozenScore):
    """One small tree, for models of any kind. Strata are the classes, or the leaves where the target is a
    number.

    Of classes, rows of one class score by how mixed their leaf is, whichever class is the rarer there: the
    root mean square of ``|p - e_y|`` that a leaf of shares p is bound to have, sqrt(sum p (1 - p)), over its
    mean in the class, a fifth being the same for the whole class; times the class's mean of ``|p - e_y|``. A
    score by ``|p - e_y|`` itself, highest for the class that is rare in a leaf, would draw the wrong labels
    and the unlucky rows. Of numbers: the distance from the
    leaf's mean.

    arrays: feature, threshold, left, right per node (feature -1: a leaf); value, nodes x classes, or nodes x
    1; leaf: the number of each leaf; of classes `level`, the mean error of each, and `usual`, the mean of
    sqrt(sum p (1 - p)) over its rows. Pilots saved before these were there score rows by ``|p - e_y|``.
    """

    @property
    def strata(self) -> int:
        """One per class, or per leaf where the target is a number."""
        classes = self.arrays["value"].shape[1]
        return classes if classes > 1 else int(self.arrays["leaf"].max()) + 1

    def of(self, matrix: Floats, target: Floats) -> Scored:
        """See `FrozenScore`."""
        node = self._node(matrix)
        if self.arrays["value"].shape[1] == 1:
            return Scored(self.arrays["leaf"].astype(np.int64)[node], self._errors(node, target))
        classes = target.astype(np.int64)
        if "level" not in self.arrays:
            return Scored(classes, self._errors(node, target))
        unsure = unsureness(self.arrays["value"])[node] / self.arrays["usual"][classes]
        return Scored(classes, self.arrays["level"][classes] * (EVEN + (1.0 - EVEN) * unsure))

    def errors(self, matrix: Floats, target: Floats) -> Floats:
        """The error of each row: ``|p - e_y|``, or the distance from the leaf's mean."""
        return self._errors(self._node(matrix), target)

    def _errors(self, node: Ints, target: Floats) -> Floats:
        value = self.arrays["value"][node]
        if value.shape[1] == 1:
            return np.asarray(np.abs(target - value[:, 0]))
        return errorlength(value.T, target.astype(np.int64))

    def _node(self, matrix: Floats) -> Ints:
        """The leaf of each row, as a node."""
        feature, left, right = (self.arrays[name].astype(np.int64) for name in ("feature", "left", "right"))
        node = np.zeros(matrix.shape[1], np.int64)
        inner = np.flatnonzero(feature[node] >= 0)
        while inner.size:
            at = node[inner]
            below = matrix[feature[at], inner] <= self.arrays["threshold"][at]
            node[inner] = np.where(below, left[at], right[at])
            inner = inner[feature[node[inner]] >= 0]
        return node

    def levelled(self, matrix: Floats, classes: Ints, weight: Floats) -> Tree:
        """The same with ``level`` and ``usual`` of weighted rows, p x n, of these classes."""
        node = self._node(matrix)
        mass = np.bincount(classes, weight, minlength=self.strata)

        def mean(values: Floats) -> Floats:
            sums = np.bincount(classes, weight * values, minlength=self.strata)
            return np.where(mass > 0, np.maximum(sums, 1e-9 * mass) / np.maximum(mass, 1e-300), 1.0)

        level = mean(self._errors(node, classes.astype(np.float64)))
        usual = mean(unsureness(self.arrays["value"])[node])
        return Tree({**self.arrays, "level": level, "usual": usual})


def unsureness(shares: Floats) -> Floats:
    """sqrt(sum p (1 - p)) of each row of shares, n x classes: the root mean square of ``|p - e_y|`` where y
    has these probabilities.

    >>> unsureness(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4).tolist()
    [0.7071, 0.0]
    """
    return np.asarray(np.sqrt(np.maximum((shares * (1.0 - shares)).sum(axis=1), 0.0)))


SCORES: dict[str, type[FrozenScore]] = {
    "logistic": Logistic,
    "linear": Leverage,
    "k-means": ClusterScore,
    "pca": RidgeLeverage,
    "trees": Tree,
}
