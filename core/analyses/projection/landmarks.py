"""Landmarks: the rows that are laid out, and the place of all others among them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.neighbours import nearest_among
from core.progress import SILENT, Progress

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
NEAREST = 5  # landmarks that say where a row lies
_ALIKE = 1e-5  # share of a distance that rounding may cost
_FAR_SHARE = 0.1  # of the landmarks, at most, are rows chosen for lying far from the others


class Landmarks(NamedTuple):
    """``rows``: positions of the landmarks, ascending. ``near`` (n x 5, places among ``rows``) and
    ``distance`` (n x 5): the landmarks nearest to each row; a landmark's own first is itself. Where all rows
    are landmarks, n x 1: each is its own."""

    rows: Ids
    near: NDArray[np.int32]
    distance: Floats


def chosen(second: Mask, most: int) -> Ids:
    """At most ``most`` positions, ascending: the first of each part, as near to half and half as the parts
    allow.

    Rows must stand in a random order that their content fixes.

    >>> chosen(np.array([True, False, False, False, True, False]), 4).tolist()
    [0, 1, 2, 4]
    """
    sizes = np.array([second.size - second.sum(), second.sum()])
    half = min(most, second.size) // 2
    wanted = np.minimum(sizes, np.maximum(half, min(most, second.size) - sizes[::-1]))
    return np.sort(
        np.concatenate([np.flatnonzero(second == part)[: wanted[int(part)]] for part in (False, True)])
    )


def landmarks(space: Floats, second: Mask, most: int, progress: Progress = SILENT) -> Landmarks:
    """Landmarks among the rows of ``space`` (n x p, in keyed order), blind to where they lie but for a tenth
    taken from far out.

    Rows that no landmark is near to could not open an island of their own (they are placed between
    landmarks): so some of those farther from the first landmarks than 99% of these are from each other
    become landmarks too, in the order they stand in.
    """
    n = len(space)
    if n <= most:
        return Landmarks(np.arange(n), np.arange(n, dtype=np.int32)[:, None], np.zeros((n, 1), np.float32))
    first = chosen(second, round(most * (1 - _FAR_SHARE)))
    near, distance = _near(space, first, progress.part(0.0, 0.85))
    line = np.quantile(distance[first, 1], 0.99, method="inverted_cdf")
    more = np.setdiff1d(np.flatnonzero(distance[:, 0] > line), first)[: most - first.size]
    if not more.size:
        return Landmarks(first, near, distance)
    extra, farther = _near(space, more, progress.part(0.85, 1.0))
    near, distance = np.hstack([near, extra + np.int32(first.size)]), np.hstack([distance, farther])
    best = np.argsort(distance, axis=1, kind="stable")[:, :NEAREST]
    rows = np.concatenate([first, more])
    order = np.argsort(rows)
    place = np.empty(rows.size, np.int32)
    place[order] = np.arange(rows.size, dtype=np.int32)
    return Landmarks(
        rows[order], place[np.take_along_axis(near, best, 1)], np.take_along_axis(distance, best, 1)
    )


def hollow(marks: Landmarks, alone: Floats, second: Mask) -> Mask:
    """Rows farther from any landmark than 99% of the landmarks of the first part are from another; of
    landmarks the same. Where all are landmarks of one part and none is (of fewer than 100 rows none can be):
    those that are farthest, if any is farther than others.

    alone: how far each landmark is from the nearest other one.
    """
    away = marks.distance[:, 0].copy()
    away[marks.rows] = alone
    own = alone[~second[marks.rows]] if not second[marks.rows].all() else alone
    far = away > (np.quantile(own, 0.99, method="inverted_cdf") if own.size else np.inf)
    if far.any() or second.any() or marks.rows.size < away.size or away.size == 0:
        return np.asarray(far, bool)
    last = away.max() * (1.0 - _ALIKE)  # a pair is as far from each other, but for rounding
    return np.asarray((away >= last) & (away.min() < last), bool)


def _near(space: Floats, rows: Ids, progress: Progress) -> tuple[NDArray[np.int32], Floats]:
    """The at most five nearest of ``rows`` to every row, itself among them."""
    return nearest_among(space[rows], space, NEAREST, progress, "Looking for the nearest landmarks")


def placed(marks: Landmarks, layout: Floats) -> Floats:
    """n x 2: landmarks where the layout puts them, every other row at the mean of its nearest ones, weighted
    by one over squared distance.

    >>> near, far = np.array([[0, 1], [1, 0], [0, 1]]), np.array([[0, 2.0], [0, 2.0], [1.0, 1.0]])
    >>> placed(Landmarks(np.array([0, 1]), near, far), np.array([[0.0, 0.0], [4.0, 2.0]])).tolist()
    [[0.0, 0.0], [4.0, 2.0], [2.0, 1.0]]
    """
    squared = marks.distance.astype(np.float64) ** 2
    least = np.maximum(squared[:, :1], 1e-12 * max(1.0, float(squared.max(initial=0.0))))
    weight = least / np.maximum(squared, least * 1e-6)
    weight /= weight.sum(axis=1, keepdims=True)
    places = np.asarray(
        np.einsum("nk,nkd->nd", weight, layout[marks.near].astype(np.float64)), dtype=np.float32
    )
    places[marks.rows] = layout
    return places


def mixing(marks: Landmarks, near: NDArray[np.int32], second: Mask) -> Floats:
    """Per row the share of the other part around it, over what it would be if the parts lay alike: 1 is mixed
    as by chance, 0 is apart.

    near: landmarks x k, the nearest others of each landmark. What lies around a landmark is the share of the
    second part among these; around any other row it is the same of its nearest landmarks, weighted as in
    `placed`. All nan where there is one part only.

    >>> alone = Landmarks(np.arange(4), np.arange(4)[:, None], np.zeros((4, 1)))
    >>> mixing(alone, np.array([[1], [2], [3], [0]]), np.array([False, True, False, True])).tolist()
    [1.5, 1.5, 1.5, 1.5]
    """
    own = second[marks.rows]
    n, m = own.size, int(own.sum())
    if not 0 < m < n or not near.size:
        return np.full(second.size, np.nan, np.float32)
    around = placed(marks, own[near].mean(axis=1, dtype=np.float32)[:, None])[:, 0]
    other, expected = np.where(second, 1.0 - around, around), np.where(second, n - m, m) / (n - 1.0)
    return np.asarray(other / expected, dtype=np.float32)
