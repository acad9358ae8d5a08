"""How many labels are wrong.

Wrong labels and classes that overlap look alike in one row, so their number cannot be known from the data
without an assumption. Two are made, one at each end:

- low: the rows whose class is surest are as often labelled wrongly as any other; what is seen there is label
  noise, as classes hardly overlap there (anchor points; Liu and Tao 2016, Patrini and others 2017);
- high: every label that the models would not have given is wrong; with the margin of their number, 1.645
  standard errors and one label.

Where little says that there are sure rows at all, the low end is none: where models are hardly better than
naming the commonest class, and where the surest half agrees with its labels much more often than all rows do,
as it does where classes overlap; unless most rows are about as sure as the surest.

In between, the expected number is that of the confident joint, but no more than what is seen among the
surest quarter. Where the classes are apart and labels noisy, most rows are about as sure as the surest; where
classes overlap, few are. The less sharp the probabilities are in this sense, the less of what is seen among
the surest rows is held to be noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.labels.joint import confident_joint
from core.frozen import lock_fields

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
_Z = 1.645  # of a 90% interval
_SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125)  # of the rows of a class, those whose class is surest
_HALF, _QUARTER = 1, 2  # places of a half and a quarter among them
_FEWEST = 10  # rows of such a share
_SUREST = 1 / 16  # of the rows of a class, against which all are held
# of sharpness: that of normal classes one standard deviation apart or less is below .44, with noise or
# without; that of classes four apart with a fifth of the labels moved is .6 (docs/methods/labels.md)
_BLUNT, _SHARP, _SHARPER = 0.4, 0.7, 0.9
_GUESSED, _KNOWN = 0.15, 0.35  # of Goodman and Kruskal's lambda: as good as naming the commonest class
_FALLS, _FLAT = 0.8, 0.95  # of the share that is off in the surest half over that in all rows
_FEW_SURE, _MOST_SURE = 0.65, 0.75  # of sharpness
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


def noise_of(given: Codes, probabilities: NDArray[np.float32]) -> Noise:
    """The number of wrong labels and the chance of each row, from probabilities of models that did not see
    it.
    """
    rows, classes = probabilities.shape
    own = probabilities[np.arange(rows), given].astype(np.float64)
    off = probabilities.argmax(axis=1) != given
    most = float(off.sum())
    high = most + _Z * np.sqrt(most * (1.0 - most / rows)) + 1.0
    apart = sharpness(probabilities)
    rates, errors = _anchored(given, probabilities)
    low = rows * max(0.0, float((rates - _Z * errors).min())) * _between(apart, _BLUNT, _SHARPER)
    flat = _between(rates[_HALF] / max(rates[0], 1e-9), _FALLS, _FLAT)
    low *= max(flat, _between(apart, _FEW_SURE, _MOST_SURE))
    low *= _between(_better(given, int(most), classes), _GUESSED, _KNOWN)
    joint = confident_joint(given, probabilities)
    seen = min(joint.sum() - np.trace(joint), rows * rates[_QUARTER])
    value = low + (float(np.clip(seen, low, high)) - low) * _between(apart, _BLUNT, _SHARP)
    chances = [*(_chances(own, classes, total) for total in (value, low)), np.ones(rows)]
    if not off.all():  # all that the models would not have given, and the margin among the others
        chances[2][~off] = _chances(own[~off], classes, min(high - most, rows - most))
    overlap = round(low) <= 0 and apart < _FEW_SURE
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
    return _better(given, off, probabilities.shape[1]) >= _REPEATS


def _better(given: Codes, off: int, classes: int) -> float:
    """Of the labels that naming the commonest class gets wrong, the share that models with ``off`` wrong ones
    get right (Goodman and Kruskal 1954, lambda); 1 where it gets none wrong, as models then do.
    """
    missed = given.size - int(np.bincount(given, minlength=classes).max())
    return 1.0 - off / missed if missed else float(off == 0)


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


def _between(value: float, low: float, high: float) -> float:
    """Where ``value`` lies from ``low`` (0) to ``high`` (1)."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _anchored(given: Codes, probabilities: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """The share of labels that the models do not agree with among the surest rows of each class found, for
    each of `_SHARES`; and its standard error.
    """
    rows, classes = probabilities.shape
    found, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    off = found != given
    order = np.lexsort((-sure, found))
    starts = np.searchsorted(found[order], np.arange(classes + 1))
    rates, errors = np.zeros(len(_SHARES)), np.zeros(len(_SHARES))
    for place, share in enumerate(_SHARES):
        for first, last in zip(starts[:-1], starts[1:], strict=True):
            size = int(last - first)
            if not size:
                continue
            surest = -sure[order[first:last]]
            least = surest[min(size, max(_FEWEST, round(share * size))) - 1]
            some = off[
                order[first : first + np.searchsorted(surest, least, side="right")]
            ]  # all equally sure
            near = (some.sum() + 0.5) / (some.size + 1.0)
            rates[place] += size / rows * some.mean()
            errors[place] += (size / rows) ** 2 * near * (1.0 - near) / some.size
    return rates, np.sqrt(errors)


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
