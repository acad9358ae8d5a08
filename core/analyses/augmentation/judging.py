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

from core.analyses.augmentation.described import DescribedImages
from core.phrases import count, percent
from core.progress import Progress

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
NEAREST = 3
BREAKING = -0.005  # of accuracy: a label-breaking pipeline loses more, surely
SHOWN = 6  # variants that look most like another class
WASTE = 0.25  # of the median distance to the nearest neighbour: variants that move less add no shapes
LEVELS = 3.0  # of 255, the mean over an image: variants that differ less add no light or colour either


@dataclass(frozen=True)
class Recognition:
    """Real images held out, of all classes or of one, recognised with and without the variants. held: how
    many there are. right: how many are recognised without. lost, won: only without, only with.
    """

    held: int
    right: int
    lost: int
    won: int

    @property
    def before(self) -> float:
        """Share recognised without the variants; NaN where no image was held out."""
        return self.right / self.held if self.held else math.nan

    @property
    def after(self) -> float:
        """Share recognised with the variants."""
        return (self.right - self.lost + self.won) / self.held if self.held else math.nan

    @property
    def change(self) -> float:
        """What the variants do to the share that is recognised."""
        return (self.won - self.lost) / self.held if self.held else math.nan

    def interval(self, among: int = 1) -> tuple[float, float]:
        """The 95% interval of `change` from the pairs that differ, half of one added to each cell (Agresti
        and Min 2005, Statistics in Medicine 24), so that it never shrinks to nothing; ``among`` intervals
        hold together (Bonferroni). NaN where no image was held out.

        >>> [round(end, 3) for end in Recognition(held=100, right=90, lost=6, won=1).interval()]
        [-0.103, 0.004]
        """
        from scipy.special import ndtri

        if not self.held:
            return math.nan, math.nan
        held, apart, gap = self.held + 2, self.lost + self.won + 1, self.won - self.lost
        half = float(ndtri(1 - 0.025 / among)) * math.sqrt(apart - gap**2 / held) / held
        return max(-1.0, gap / held - half), min(1.0, gap / held + half)


@dataclass(frozen=True)
class VariantQuality:
    """What variants do. whole, by_class: to real images held out. leave: share of variants of recognised
    images that look like another class. waste: share that hardly change, in shape or in level. moved: how far
    they move, the median, in median distances from an image to the nearest other; NaN where all images are
    alike. lookalikes: the variants that look most like another class, place of the train image and that
    class.
    """

    whole: Recognition
    leave: float
    waste: float
    moved: float
    by_class: tuple[Recognition, ...]
    lookalikes: tuple[tuple[int, int], ...]

    @property
    def commonest(self) -> float:
        """Share of the images held out that are of the commonest class."""
        return max(one.held for one in self.by_class) / self.whole.held if self.whole.held else math.nan

    @property
    def by_chance(self) -> bool:
        """Whether real images are recognised no better than by always naming the commonest class, by less
        than two standard errors: then nothing can be said of variants.
        """
        held, usual = self.whole.held, self.commonest
        return bool(held) and self.whole.before - usual <= 2 * math.sqrt(usual * (1 - usual) / held)

    @property
    def breaking(self) -> bool:
        """Whether the variants surely cost recognition: the whole interval lies below -0.5 points."""
        return self.whole.interval()[1] < BREAKING

    @property
    def real_leave(self) -> float:
        """Share of real images held out that look like another class, without variants: what `leave` is held
        against.
        """
        return 1 - self.whole.before

    @property
    def unchecked(self) -> str:
        """That nothing can be said of labels, where real images are recognised as by guessing; else ""."""
        if self.breaking or not self.by_chance:
            return ""
        return (
            f"Whether labels survive cannot be said: of {count(self.whole.held, 'real image')} held out "
            f"{percent(self.whole.before)} are recognised by their gradients, and always naming the "
            f"commonest class gets {percent(self.commonest)} right."
        )


def judged(
    points: DescribedImages, train_codes: Codes, held_codes: Codes, progress: Progress
) -> VariantQuality:
    """Hold one variant of each train image against real images.

    codes: classes, 0 to K - 1, each with at least three train images.
    """
    train, variants, held = points.train, points.variants, points.held
    classes = int(train_codes.max()) + 1
    progress.at(0.0, "Comparing real images")
    plain = _class_distances(held, train, train_codes, classes)
    progress.at(0.4, "Comparing real images with variants")
    mixed = np.minimum(plain, _class_distances(held, variants, train_codes, classes))
    right = plain.argmin(axis=1) == held_codes
    right_mixed = mixed.argmin(axis=1) == held_codes
    progress.at(0.7, "Comparing variants")
    known = _class_distances(train, train, train_codes, classes, itself=True).argmin(axis=1) == train_codes
    after = _class_distances(variants, train, train_codes, classes)
    moved = np.linalg.norm(variants - train, axis=1)
    usual = float(np.median(_nearest(train)))
    every = [np.full(held_codes.size, True), *(held_codes == one for one in range(classes))]
    whole, *by_class = (_recognition(right[some], right_mixed[some]) for some in every)
    progress.at(1.0, "Done")
    return VariantQuality(
        whole=whole,
        leave=float((after.argmin(axis=1) != train_codes)[known].mean()) if known.any() else 0.0,
        waste=float(((moved < WASTE * usual) & (points.levels < LEVELS)).mean()),
        moved=float(np.median(moved)) / usual if usual else math.nan,
        by_class=tuple(by_class),
        lookalikes=_lookalikes(after, train_codes, known),
    )


def _recognition(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Recognition:
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    return Recognition(before.size, int(before.sum()), lost, won)


def _lookalikes(
    distances: NDArray[np.float64], codes: Codes, known: NDArray[np.bool_]
) -> tuple[tuple[int, int], ...]:
    """Of variants of recognised images those that lie farthest on the side of another class: by how many
    times farther their own class lies.

    distances: n x K, of each variant to each class.
    """
    looks = distances.argmin(axis=1)
    rows = np.flatnonzero(known & (looks != codes))
    nearest = np.maximum(distances[rows, looks[rows]], np.finfo(np.float64).tiny)
    most = rows[np.argsort(-distances[rows, codes[rows]] / nearest, kind="stable")[:SHOWN]]
    return tuple(zip(most.tolist(), looks[most].tolist(), strict=True))


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


def coverage(points: DescribedImages) -> tuple[float, float]:
    """Share of serve images whose nearest train image, or else variant, lies within the 95th percentile of
    train's own nearest distances: before and after; NaN without serve images. One neighbour, as copies alone
    would raise it with three.
    """
    if not len(points.serve):
        return math.nan, math.nan
    limit = float(np.quantile(_nearest(points.train), 0.95))
    before = np.sqrt(_squares(points.serve, points.train).min(axis=1))
    after = np.minimum(before, np.sqrt(_squares(points.serve, points.variants).min(axis=1)))
    return float((before <= limit).mean()), float((after <= limit).mean())
