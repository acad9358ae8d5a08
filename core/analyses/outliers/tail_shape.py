"""How heavy the two tails of columns are, and how far out a value of them may lie.

A half of a column, from its median outwards, is taken as ``b m exp(h m**2 / 2)`` of a normal score m: Tukey's
h-distribution (Hoaglin 1985, "Summarizing shape numerically: the g-and-h distributions"). h = 0 is a normal
tail; Student's t with 5 degrees of freedom is close to h = 0.13. On logarithms that is a line, fitted to a
few order statistics by generalised least squares, with the covariance that they have in a normal sample.

A few hundred values say little about h, and the limit lies far beyond them. So the tails of a table are
taken together: each is drawn to the mean of all as far as they agree (random effects, DerSimonian and Laird
1986, Controlled Clinical Trials 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FIRST = 2  # the outermost order statistic used: the very first one varies most, and says least
_STEP = 1.5  # from one rank to the next
_WITHIN = 0.31  # share of the values beyond the innermost one used: half a standard deviation out
_LEAST = 4  # order statistics that a line is fitted to


class TailShape(NamedTuple):
    """The line of one tail of ``n`` values: ``scale`` (log b), ``h``, and their covariance (2 x 2)."""

    scale: float
    h: float
    covariance: Floats
    n: int

    def limit(self, share: float, errors: float) -> float:
        """The distance from the median beyond which a share of the values lies: what the line says, and so
        many standard errors more.
        """
        from scipy.special import ndtri

        m = -float(ndtri(share))
        at = np.array([1.0, m * m / 2])
        error = float(np.sqrt(at @ self.covariance @ at))
        with np.errstate(over="ignore"):
            return float(m * np.exp(self.scale + self.h * at[1] + errors * error))

    def is_heavy(self, errors: float) -> bool:
        """Whether it is heavier than a normal tail by more than so many standard errors."""
        return bool(self.h > errors * np.sqrt(self.covariance[1, 1]))


def ranks(n: int) -> NDArray[np.int64]:
    """The order statistics that the line is fitted to, by how many values are as far out.

    >>> ranks(200).tolist()
    [2, 3, 4, 7, 10, 15, 23, 34, 51]
    """
    chosen, at = [], float(_FIRST)
    while round(at) <= _WITHIN * n:
        chosen.append(round(at))
        at = max(at * _STEP, at + 1)
    return np.array(chosen, dtype=np.int64)


def tail_shape(distances: Floats, n: int) -> TailShape | None:
    """The line of one tail; None where too few order statistics lie apart from the median.

    distances: from the median, of the values at `ranks`. n: how many values the column has, those beyond a
    gap left out.
    """
    from scipy.special import ndtri

    kept = distances > 0
    if kept.sum() < _LEAST:
        return None
    q = (ranks(n)[kept] - 0.375) / (n + 0.25)  # Blom 1958: at the median of where they lie
    m = -ndtri(q)
    weight = np.sqrt(2 * np.pi) * np.exp(m * m / 2) / m
    noise = np.minimum.outer(q, q) * (1 - np.maximum.outer(q, q)) / n * np.outer(weight, weight)
    design = np.stack([np.ones(m.size), m * m / 2], axis=1)
    solved = np.linalg.solve(noise, np.column_stack([design, np.log(distances[kept] / m)]))
    covariance = np.linalg.inv(design.T @ solved[:, :2])
    scale, h = covariance @ (design.T @ solved[:, 2])
    return TailShape(float(scale), float(h), covariance, n)


def together(shapes: Sequence[TailShape]) -> list[TailShape]:
    """The tails of a table, each drawn to the mean of all as far as they agree; none lighter than normal."""
    if not shapes:
        return []
    h = np.array([shape.h for shape in shapes])
    own = np.array([shape.covariance[1, 1] for shape in shapes])
    between = _between(h, own)
    weight = 1.0 / (own + between)
    mean, error = float((weight * h).sum() / weight.sum()), 1.0 / float(weight.sum())
    return [_drawn(shape, mean, error, between) for shape in shapes]


def _between(h: Floats, own: Floats) -> float:
    """By how much the tails differ, as a variance, beyond what chance (``own``) makes and a standard
    deviation of that.
    """
    weight = 1.0 / own
    mean = float((weight * h).sum() / weight.sum())
    chance = (h.size - 1) + np.sqrt(2.0 * (h.size - 1))
    excess = float((weight * (h - mean) ** 2).sum()) - chance
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    return max(0.0, excess / spread) if spread > 0 else 0.0


def _drawn(shape: TailShape, mean: float, error: float, between: float) -> TailShape:
    """One tail drawn to the ``mean``, known to a variance of ``error``, of tails that vary by ``between``."""
    own = float(shape.covariance[1, 1])
    share = own / (own + between)
    h = max(0.0, (1 - share) * shape.h + share * mean)
    variance = (1 - share) * own + share**2 * error
    slope = float(shape.covariance[0, 1]) / own
    rest = float(shape.covariance[0, 0]) - slope**2 * own
    covariance = np.array([[rest + slope**2 * variance, slope * variance], [slope * variance, variance]])
    return TailShape(shape.scale + slope * (h - shape.h), h, covariance, shape.n)
