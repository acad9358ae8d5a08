"""How many labels are wrong.

Wrong labels and classes that overlap look alike in one row, so their number cannot be known from the data
without an assumption. They differ in what the surest rows show: where labels are noisy and classes apart, the
share of labels that models do not agree with stays the same however sure the models are; where classes
overlap, it falls towards none. The interval makes one assumption at each end:

- low: the rows of each class found are halved again and again, the surer half kept. What is left of the share
  where a straight line leads to after six halvings is label noise, as classes hardly overlap there (anchor
  points; Liu and Tao 2016, Patrini and others 2017); less 1.645 standard errors. The better of two lines
  counts, from all rows on and from their surer half on;
- high: every label that the models would not have given is wrong; with the margin of their number, 1.645
  standard errors and one label.

Where models hardly tell classes apart, a share that stays the same is no sign of noise. None is held to be in
a class that they hardly tell from the one that its rows are labelled with most often instead.

In between, the expected number is that of the confident joint, but no more than the end of the line of the
surer half may be, nor than its mean. Of few rows the line says little; but where classes are apart, most rows
are about as sure as the surest. The less sharp the probabilities are in this sense, the less of what lies
between the low end and that number counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analyses.labels.joint import confident_joint
from core.frozen import lock_fields

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
_Z = 1.645  # of a 90% interval
_HALVINGS = 6  # how often the rows of a class are halved, the surer half kept: a 64th is left
_ALONE, _TOLD = 0.2, 0.3  # of markedness: none, and all, of the share off is held to be noise
# of sharpness: that of normal classes one standard deviation apart or less is below .44, with noise or
# without; that of classes four apart with a fifth of the labels moved is .6 (docs/methods/labels.md)
_BLUNT, _FEW_SURE, _SHARP = 0.4, 0.65, 0.7
_SUREST = 1 / 16  # of the rows of a class, against which all are held
_FEWEST = 10  # rows of such a share
_REPEATS = 0.99


class ExpectedErrors(NamedTuple):
    """Wrong labels expected, and the ends of a 90% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Noise:
    """How many labels are wrong: ``total``; and of each row judged the chance that its label is, float32, 3 x
    n, for the expected number and for both ends of its interval.

    overlap: whether classes that overlap explain as well what the models do not agree with.
    """

    total: ExpectedErrors
    chances: NDArray[np.float32]
    overlap: bool = False

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.chances.nbytes

    def among(self, shown: NDArray[np.bool_]) -> ExpectedErrors:
        """How many of the rows shown (n) have a wrong label."""
        value, low, high = (float(some[shown].sum(dtype=np.float64)) for some in self.chances)
        return ExpectedErrors(value, min(low, value), max(high, value))


def noise_of(given: Codes, probabilities: NDArray[np.float32], alone: float = 1.0) -> Noise:
    """The number of wrong labels and the chance of each row, from probabilities of models that did not see
    it. alone: of the rows, how many count by themselves.
    """
    rows, classes = probabilities.shape
    own = probabilities[np.arange(rows), given].astype(np.float64)
    found = probabilities.argmax(axis=1)
    off = found != given
    most = float(off.sum())
    high = min(float(rows), most + _Z * np.sqrt(most * (1.0 - most / rows) / alone) + 1.0)
    depth = _depth(found, probabilities.max(axis=1))
    line = _line(off, depth, 1, alone)
    held = _held(given, found, depth > 0, line.mean, alone)
    whole = _line(off, depth, 0, alone)
    low = min(most, rows * held * max(0.0, line.least, whole.least))
    joint = confident_joint(given, probabilities)
    seen = float(np.clip(min(joint.sum() - np.trace(joint), rows * held * line.most), low, high))
    apart = sharpness(probabilities)
    value = low + (seen - low) * float(_between(apart, _BLUNT, _SHARP))
    chances = [*(_chances(own, classes, total) for total in (value, low)), np.ones(rows)]
    if not off.all():  # all that the models would not have given, and the margin among the others
        chances[2][~off] = _chances(own[~off], classes, min(high - most, rows - most))
    overlap = round(low) <= 0 and (apart < _FEW_SURE or whole.most <= 0.0)
    return Noise(ExpectedErrors(value, low, high), np.stack(chances).astype(np.float32), overlap)


def repeats(given: Codes, probabilities: NDArray[np.float32]) -> bool:
    """Whether the models agree with the labels nearly without exception: of the labels that always naming
    the commonest class gets wrong, they get at most one in a hundred wrong (Goodman and Kruskal's lambda of
    0.99 or more).

    >>> sure = np.repeat(np.float32([[0.9, 0.1], [0.1, 0.9]]), 50, axis=0)
    >>> given = np.repeat(np.int32([0, 1]), 50)
    >>> repeats(given, sure), repeats(np.where(np.arange(100) < 3, 1, given).astype(np.int32), sure)
    (True, False)
    """
    off = int((probabilities.argmax(axis=1) != given).sum())
    missed = given.size - int(np.bincount(given).max())
    return off <= (1.0 - _REPEATS) * missed


def sharpness(probabilities: NDArray[np.float32]) -> float:
    """How sure the models are of all rows over how sure they are of the surest sixteenth of each class found,
    both beyond an even guess; 1 where all are alike.

    >>> sharpness(np.float32([[0.8, 0.2]] * 50 + [[0.2, 0.8]] * 50)).__round__(2)
    1.0
    """
    found, sure = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(np.float64)
    even, top = 1.0 / probabilities.shape[1], 0.0
    for place in np.unique(found):
        here = np.sort(sure[found == place])[::-1]
        top += here.size / sure.size * here[: max(_FEWEST, round(_SUREST * here.size))].mean()
    return float((sure.mean() - even) / max(top - even, 1e-9))


def _depth(found: NDArray[np.intp], sure: NDArray[np.float32]) -> NDArray[np.intp]:
    """How often the rows of the class found can be halved, the surer half kept, until each row (n) is left
    out; of equally sure rows all as in the mean.

    >>> _depth(np.zeros(8, int), np.float32([0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5])).tolist()
    [4, 2, 1, 1, 0, 0, 0, 0]
    >>> _depth(np.zeros(8, int), np.full(8, np.float32(0.5))).tolist()
    [1, 1, 1, 1, 1, 1, 1, 1]
    """
    order = np.lexsort((-sure, found))
    found, sure = found[order], sure[order]
    place = np.arange(found.size)
    of_class = np.r_[True, found[1:] != found[:-1]]
    first = np.maximum.accumulate(np.where(of_class, place, 0))
    halved = -np.log2((place - first + 0.5) / np.bincount(found)[found])
    alike = np.cumsum(of_class | np.r_[True, sure[1:] != sure[:-1]]) - 1
    depth = np.empty(found.size, np.intp)
    depth[order] = np.minimum((np.bincount(alike, halved) / np.bincount(alike))[alike], _HALVINGS - 1)
    return depth


class _Line(NamedTuple):
    """The share of labels that are off in the mean; and at the end of a straight line over the depth, at
    `_HALVINGS`, at least and at most, never more than in the mean.
    """

    mean: float
    least: float
    most: float


def _line(off: NDArray[np.bool_], depth: NDArray[np.intp], first: int, alone: float) -> _Line:
    """By least squares over the rows from the depth ``first`` on; the ends are 1.645 standard errors away,
    those of a share that is the same at each depth. alone: of the rows, how many count by themselves.

    Of rows that are all equally sure the end is as the mean.

    >>> depth = np.repeat(np.arange(6), 160)
    >>> same = _line(np.tile([True, False, False, False], 240), depth, 1, 1.0)
    >>> rising = _line(np.arange(960) % 160 < 10 * (1 + depth), depth, 1, 1.0)
    >>> same.mean, round(same.least, 2), same.most, 0.2 < rising.least < rising.most == rising.mean == 0.25
    (0.25, 0.19, 0.25, True)
    """
    rows = np.bincount(depth, minlength=_HALVINGS)[first:]
    at, wrong = np.flatnonzero(rows) + float(first), np.bincount(depth, off, minlength=_HALVINGS)[first:]
    rows, wrong = rows[rows > 0], wrong[rows > 0]
    every = rows.sum()
    near = (wrong.sum() + 0.5) / (every + 1.0)
    mean, middle = wrong.sum() / every, float(rows @ at) / every
    spread, far = float(rows @ (at - middle) ** 2), _HALVINGS - middle
    rise, unsure = (0.0, 0.0) if at.size == 1 else ((at - middle) @ wrong / spread, far**2 / spread)
    error = np.sqrt(near * (1.0 - near) / alone * np.array([1.0 / every, 1.0 / every + unsure]))
    least = (np.array([mean, mean + rise * far]) - _Z * error).min()
    return _Line(float(mean), float(least), float(np.clip(mean + rise * far + _Z * error[1], 0.0, mean)))


def _held(
    given: Codes, found: NDArray[np.intp], surer: NDArray[np.bool_], mean: float, alone: float
) -> float:
    """How much of the share off is held to be noise, from 0 to 1: of each class found what its surer rows
    show of the mean, by how well it is told from the class that its rows have most often instead.
    """
    classes = int(max(given.max(), found.max())) + 1
    size, sure = (np.bincount(some, minlength=classes) for some in (found, found[surer]))
    off = np.bincount(found[surer & (found != given)], minlength=classes) / np.maximum(sure, 1)
    known = _between(_markedness(given, found, classes, alone), _ALONE, _TOLD)
    return min(1.0, float(size @ (known * off)) / given.size / mean) if mean > 0 else 0.0


def _markedness(given: Codes, found: NDArray[np.intp], classes: int, alone: float) -> Floats:
    """Of each class how well finding it tells it, at least, from the class that its rows are labelled with
    most often instead: 1 where of both each row found has the label, 0 where that is as often as among the
    rows of both (Powers 2011); less 1.645 standard errors.

    >>> given = np.repeat(np.int32([0, 1]), 800)
    >>> for found in (given, np.roll(given, 80), np.roll(given, 400), 0 * given):
    ...     print(round(float(_markedness(given, found, 2, 1.0)[0]), 1))
    1.0
    0.8
    -0.0
    -0.8
    """
    table = np.zeros((classes, classes))
    np.add.at(table, (given, found), 1.0)
    every, right = np.arange(classes), table.diagonal()
    wrong = table - np.diag(right)
    other = wrong.argmax(axis=0)
    hit, missed = np.stack([right, right[other]]), np.stack([wrong[other, every], wrong[every, other]])
    rows, labelled = hit + missed, hit + missed[::-1]
    even = labelled / np.maximum(labelled.sum(axis=0), 1.0)
    told = np.where(rows > 0, hit / np.maximum(rows, 1.0), even)
    near = (hit + 0.5) / (rows + 1.0)
    error = np.sqrt((near * (1.0 - near) / np.maximum(rows * alone, 1.0)).sum(axis=0))
    return np.asarray(told.sum(axis=0) - 1.0 - _Z * error)


def _between(value: ArrayLike, low: float, high: float) -> Floats:
    """Where ``value`` lies from ``low`` (0) to ``high`` (1)."""
    return np.clip((np.asarray(value, dtype=np.float64) - low) / (high - low), 0.0, 1.0)


def _chances(own: Floats, classes: int, total: float) -> Floats:
    """The chance of each label that it is wrong, were ``total`` labels moved to any other class alike; scaled
    so that they add up to that, none beyond 1.

    With p* the probability of the class before labels were moved and e the share moved to each other class,
    the models see p = (1 - (k - 1) e) p* + e (1 - p*); by Bayes' rule the label is wrong with the chance
    e (1 - p*) / p.
    """
    step = total / own.size / max(1, classes - 1)
    true = np.clip((own - step) / max(1e-9, 1.0 - classes * step), 0.0, 1.0)
    chance = np.clip(step * (1.0 - true) / np.maximum(own, max(step, 1e-12)), 0.0, 1.0)
    for _ in range(20):
        short = total - chance.sum()
        open_ = (chance < 1.0) & (chance > 0.0)
        if abs(short) < 1e-6 * max(1.0, total) or not open_.any():
            break
        chance[open_] = np.clip(chance[open_] * (1.0 + short / chance[open_].sum()), 0.0, 1.0)
    return np.asarray(chance)
