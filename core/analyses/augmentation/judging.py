"""Whether variants keep their labels, without training: do they make nearest neighbours mislabel real images?

That a variant looks like another class says little: a flipped boot looks like a bag to neighbours that know
no flipped boots, and yet it is a boot. What counts is whether real images, held out, are recognised less
well once variants stand among those they are compared with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
NEAREST = 3
BREAKING = -0.005  # of accuracy: a label-breaking pipeline loses more, surely
WASTE = 0.25  # of the median distance to the nearest neighbour: variants that move less add nothing


@dataclass(frozen=True)
class VariantQuality:
    """What variants do. held: real images held out. before, after: share of them recognised without and
    with the variants. lost, won: how many were recognised only without, only with. leave: share of variants
    of recognised images that look like another class. waste: share that hardly move. class_lost: class ->
    change of its share.
    """

    held: int
    before: float
    after: float
    lost: int
    won: int
    leave: float
    waste: float
    by_class: tuple[float, ...]

    @property
    def change(self) -> float:
        """What the variants do to the share of real images that are recognised."""
        return self.after - self.before

    @property
    def half_width(self) -> float:
        """Half the 95% interval of `change`, from the pairs that differ (McNemar)."""
        return 1.96 * math.sqrt(self.lost + self.won) / max(1, self.held)

    @property
    def breaking(self) -> bool:
        """Whether the variants surely cost recognition: the whole interval lies below -0.5 points."""
        return self.change + self.half_width < BREAKING


def judged(
    train: Floats, variants: Floats, held: Floats, train_codes: Codes, held_codes: Codes, progress: Progress
) -> VariantQuality:
    """Hold one variant of each train image against real images.

    train, variants: n x p, the same image in each row; held: m x p. codes: classes, 0 to K - 1, each with
    at least three train images.
    """
    classes = int(train_codes.max()) + 1
    progress.at(0.0, "Comparing real images")
    plain = _class_distances(held, train, train_codes, classes)
    progress.at(0.4, "Comparing real images with variants")
    mixed = np.minimum(plain, _class_distances(held, variants, train_codes, classes))
    right = plain.argmin(axis=1) == held_codes
    right_mixed = mixed.argmin(axis=1) == held_codes
    progress.at(0.7, "Comparing variants")
    own = _class_distances(train, train, train_codes, classes, itself=True)
    known = own.argmin(axis=1) == train_codes
    after = _class_distances(variants, train, train_codes, classes).argmin(axis=1)
    moved = np.linalg.norm(variants - train, axis=1)
    usual = float(np.median(_nearest(train)))
    per_class = [
        float(right_mixed[held_codes == one].mean() - right[held_codes == one].mean())
        if (held_codes == one).any()
        else 0.0
        for one in range(classes)
    ]
    progress.at(1.0, "Done")
    return VariantQuality(
        held=held_codes.size,
        before=float(right.mean()),
        after=float(right_mixed.mean()),
        lost=int((right & ~right_mixed).sum()),
        won=int((~right & right_mixed).sum()),
        leave=float((after[known] != train_codes[known]).mean()) if known.any() else 0.0,
        waste=float((moved < WASTE * usual).mean()),
        by_class=tuple(per_class),
    )


def _squares(points: Floats, others: Floats) -> NDArray[np.float32]:
    lengths = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None]
    return np.asarray(np.maximum(lengths - 2 * points @ others.T, 0.0), np.float32)


def _class_distances(
    points: Floats, others: Floats, codes: Codes, classes: int, itself: bool = False
) -> NDArray[np.float64]:
    """Distance of each point to each class: the mean of its three nearest others of that class. itself: the
    points are the others, and none counts as its own neighbour.
    """
    distances = np.empty((len(points), classes))
    squares = _squares(points, others)
    if itself:
        np.fill_diagonal(squares, np.inf)
    for one in range(classes):
        mine = squares[:, codes == one]
        few = min(NEAREST, mine.shape[1] - itself)
        if few < 1:
            distances[:, one] = np.inf
            continue
        nearest = np.partition(mine, few - 1, axis=1)[:, :few]
        distances[:, one] = np.sqrt(nearest).mean(axis=1)
    return distances


def _nearest(points: Floats) -> NDArray[np.float64]:
    """Distance of each point to its nearest other one."""
    squares = _squares(points, points)
    np.fill_diagonal(squares, np.inf)
    return np.asarray(np.sqrt(squares.min(axis=1)), np.float64)


def coverage(train: Floats, variants: Floats, serve: Floats) -> tuple[float, float]:
    """Share of serve images whose nearest train image, or else variant, lies within the 95th percentile of
    train's own nearest distances: before and after. One neighbour, as copies alone would raise it with
    three.
    """
    limit = float(np.quantile(_nearest(train), 0.95))
    before = np.sqrt(_squares(serve, train).min(axis=1))
    after = np.minimum(before, np.sqrt(_squares(serve, variants).min(axis=1)))
    return float((before <= limit).mean()), float((after <= limit).mean())
