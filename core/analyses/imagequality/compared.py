"""Images to look at for a property that predicts the label or the part: of which two classes, and which of
each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count, number, percent
from core.phrases import name as column_name
from core.prepare.image_measures import CALLED, WORDS, by_name, label_codes, levels, measured
from core.prepare.image_properties import telling
from core.prepare.images_judged import COLUMNS, LEAST

if TYPE_CHECKING:
    from core.analyses.imagequality.analysis import ImageQualityResult

Ids = NDArray[np.int64]
PREDICTS = {
    "image_shortcut": ("label", True),
    "image_content": ("label", False),
    "image_source": ("part", True),
    "image_light": ("part", False),
}  # finding -> what the property predicts, and whether it is a technical one
NONE = "none"
NEARLY = 0.75  # of the largest difference of shares, from which medians speak for two classes
STEPS = 200  # places at which the distributions of two classes are compared


@dataclass(frozen=True, eq=False)
class ClassesCompared:
    """A property, and the classes that it tells apart.

    said: the property in words. column: the one it is made of. values: per row, NaN where there is none.
    words: what the values are the places of, where they are words. codes: per row its class, -1 for none and
    without an image. classes: their names. enough: those with the images to be judged. pair: the two of them
    whose distributions lie furthest apart, the lower one first.
    """

    said: str
    column: str
    values: NDArray[np.float64]
    words: tuple[str, ...]
    codes: Ids
    classes: tuple[str, ...]
    enough: Ids
    pair: tuple[int, int]

    def typical(self, which: int, beside: int) -> Ids:
        """The rows of a class, those nearest to its median first; of words, those of its usual one. Where the
        medians do not set the class apart from the one beside it, those first that do.
        """
        rows, own = np.flatnonzero(self.codes == which), self._own(which, beside)
        middle = self._middle_of(which, beside)
        far = away(self._printed[rows], float(as_printed(np.array([middle]))[0]))
        return np.asarray(rows[np.lexsort((away(self.values[rows], middle), far, ~own))])

    def order(self, which: int, beside: int) -> str:
        """By what the rows of `typical` are ordered, in words."""
        if self.words:
            return f"First those of {self._at(self._word(which, beside))}"
        cut = self._cut(which, beside)
        if cut is None:
            return "Nearest to the median first"
        above, at, own = self._above(which, beside, cut), self._at(cut), self._own(which, beside)
        side = f"above {at}" if above else f"up to {at}"
        if at == NONE:
            side = "with a value" if above else "without a value"
        [middle] = self._in_words([self._middle_of(which, beside)])
        near = f"; nearest to their median ({middle}) first" if middle != NONE else ""
        return f"First the {count(int(own.sum()))} {side}, of which it has more{near}"

    def set_apart(self, which: int, beside: int) -> bool:
        """Whether what is shown first is not what is usual in the class, but what sets it apart."""
        return self._cut(which, beside) is not None

    def _own(self, which: int, beside: int) -> NDArray[np.bool_]:
        """Of the rows of a class, those on the side that sets it apart; all where medians do."""
        ranks, cut = self._ranks(which), self._cut(which, beside)
        if self.words:
            return np.asarray(ranks == self._word(which, beside))
        if cut is None:
            return np.ones(ranks.size, bool)
        return np.asarray((ranks > cut) == self._above(which, beside, cut))

    def _above(self, which: int, beside: int, cut: int) -> bool:
        """Whether a class has more above the cut than the one beside it."""
        return bool(np.mean(self._ranks(which) > cut) > np.mean(self._ranks(beside) > cut))

    def _middle_of(self, which: int, beside: int) -> float:
        """The median of those of a class that set it apart."""
        return median(self.values[self.codes == which][self._own(which, beside)])

    def usual(self, which: int, beside: int) -> str:
        """What is usual in a class, in words; where that does not set it apart from the class beside it, what
        does.
        """
        ranks, cut = self._ranks(which), self._cut(which, beside)
        if self.words:
            word = self._word(which, beside)
            return f"{self._at(word)} in {percent(float(np.mean(ranks == word)))}"
        [middle] = self._in_words([median(self.values[self.codes == which])])
        without = f"none in {percent(float(np.mean(np.isnan(self.values[self.codes == which]))))}"
        said = [without if middle == NONE else f"median {middle}"]
        if cut is not None:
            over = f"above {self._at(cut)} in {percent(float(np.mean(ranks > cut)))}"
            said.append(without if self._at(cut) == NONE else over)
        return ", ".join(dict.fromkeys(said))

    def _ranks(self, which: int) -> Ids:
        """The places of a class's values among all, as they are printed."""
        return np.asarray(self._places[self.codes == which])

    @cached_property
    def _places(self) -> Ids:
        return ranked(self._printed)

    @cached_property
    def _printed(self) -> NDArray[np.float64]:
        return self.values if self.words else as_printed(self.values)

    def _at(self, rank: int) -> str:
        """The value in a place among all, in words."""
        return self.in_words(np.flatnonzero(self._places == rank)[:1])[0]

    def _cut(self, which: int, beside: int) -> int | None:
        """The place among all values up to which the shares of two classes differ most; None where their
        shares differ nearly as much between their medians, or nowhere as printed, and of words.
        """
        if self.words:
            return None
        one, other = self._ranks(which), self._ranks(beside)
        at = np.union1d(one, other)
        apart = np.abs(_up_to(one, at) - _up_to(other, at))
        medians = as_printed(np.array([median(self.values[self.codes == of]) for of in (which, beside)]))
        low, high = np.sort(filled(medians))
        values = np.unique(filled(self._printed))[at]  # each share holds from its value up to the next
        holds = (values < high) & (np.append(values[1:], np.inf) > low) & (low < high)
        between = apart[holds].max(initial=0.0)
        return int(at[np.argmax(apart)]) if between < NEARLY * apart.max() else None

    def _word(self, which: int, beside: int) -> int:
        """The place of the commonest word of a class; where that is the commonest of the class beside it too,
        of the one that it has more of than that.
        """
        sizes = [np.bincount(self._ranks(one), minlength=self.values.size) for one in (which, beside)]
        if np.argmax(sizes[0]) != np.argmax(sizes[1]):
            return int(np.argmax(sizes[0]))
        more = sizes[0] / sizes[0].sum() - sizes[1] / sizes[1].sum()
        return int(np.lexsort((-sizes[0], -more))[0])

    def in_words(self, rows: Ids) -> list[str]:
        """What the property is in each of these rows; "none" where it has none: a PNG has no JPEG quality."""
        return self._in_words(self.values[rows].tolist())

    def _in_words(self, values: list[float]) -> list[str]:
        if self.words:
            return [NONE if one != one else self.words[int(one)] for one in values]
        return [NONE if one != one else number(one) for one in values]


def compared(dataset: Dataset, result: ImageQualityResult, finding: Finding) -> ClassesCompared | None:
    """The images behind a finding that a property predicts the label or the part, without those that a step
    made of others; None for other findings.
    """
    if finding.code not in PREDICTS:
        return None
    dataset = dataset.independent
    what, technical = PREDICTS[finding.code]
    first = telling(list(result.label if what == "label" else result.part), technical)[0].name
    at_hand = measured(dataset)
    values, known = by_name(dataset, at_hand)[first], np.isfinite(at_hand["width"])
    serve = dataset.part_mask("serve").astype(np.int64)
    own = (serve, ("train", "serve")) if what == "part" else label_codes(dataset, finding.beside[0])
    codes, classes = np.where(known, own[0], -1), own[1]
    enough = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(classes)) >= LEAST)
    return ClassesCompared(
        said=CALLED.get(first, column_name(COLUMNS[first])),
        column=COLUMNS[first],
        values=values,
        words=levels(dataset, COLUMNS[first]) if first in WORDS else (),
        codes=codes,
        classes=classes,
        enough=enough,
        pair=furthest(values, codes, enough, first in WORDS),
    )


def as_printed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values as a page prints them, so that what it says of "above 1" holds of what it shows as 1.

    >>> as_printed(np.array([1.00001, 1234.56, 0.123456, np.nan]))
    array([1.000e+00, 1.235e+03, 1.235e-01,       nan])
    """
    every, places = np.unique(values, return_inverse=True)
    return np.array([float(number(one).replace(",", "")) for one in every.tolist()])[places]


def median(values: NDArray[np.float64]) -> float:
    """The median of values, those that are missing below all others: NaN where one of the middle is.

    >>> median(np.array([3.0, 1.0, np.nan, 2.0, 9.0])), median(np.array([np.nan, 1.0]))
    (2.0, nan)
    >>> median(np.array([1.0, 2.0, 4.0, 9.0]))
    3.0
    """
    middle = float(np.median(filled(values)))
    return middle if np.isfinite(middle) else np.nan


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, those that are missing below all others."""
    return np.where(np.isnan(values), -np.inf, values)


def away(values: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """How far values lie from the middle one; those that are missing lie farthest from a number, and in the
    middle of the missing ones.

    >>> away(np.array([0.1, 0.5, np.nan]), 0.4).round(2).tolist()
    [0.3, 0.1, inf]
    >>> away(np.array([7.0, np.nan]), np.nan).tolist()
    [inf, 0.0]
    """
    if np.isnan(middle):
        return np.where(np.isnan(values), 0.0, np.inf)
    return np.where(np.isnan(values), np.inf, np.abs(values - middle))


def ranked(values: NDArray[np.float64]) -> Ids:
    """The place of each value among all, equal ones alike; those that are missing are first.

    >>> ranked(np.array([0.5, np.nan, 0.1, 0.5]))
    array([2, 0, 1, 2])
    """
    return np.asarray(np.unique(filled(values), return_inverse=True)[1])


def furthest(values: NDArray[np.float64], codes: Ids, of: Ids, words: bool = False) -> tuple[int, int]:
    """Two of the classes ``of``: those of the largest Kolmogorov-Smirnov distance, of words those with the
    least in common, and, where several are as far apart, of the medians furthest apart; the one of the lower
    median first.

    >>> furthest(np.repeat([0.0, 9.0, 5.0, np.nan], 10), np.repeat([0, 1, 2, 3], 10), np.arange(4))
    (3, 1)
    """
    ranks = ranked(values)
    own = [np.sort(ranks[codes == one]) for one in of]
    if words:
        shares = np.stack([np.bincount(one, minlength=ranks.max() + 1) / one.size for one in own])
        apart = np.array([np.abs(shares - one).sum(axis=1) / 2 for one in shares]).round(9)
    else:
        steps = np.linspace(0, 1, STEPS)
        at = np.unique(np.quantile(np.concatenate(own), steps, method="inverted_cdf"))
        below = np.stack([_up_to(one, at) for one in own])
        apart = np.array([np.abs(below - one).max(axis=1) for one in below]).round(9)
    medians = np.array([np.median(one) for one in own])
    between = np.abs(medians[:, None] - medians)
    best = np.lexsort((-between.ravel(), -apart.ravel()))[0]
    low, high = sorted(divmod(int(best), of.size), key=lambda place: medians[place])
    return int(of[low]), int(of[high])


def _up_to(ranks: Ids, at: Ids) -> NDArray[np.float64]:
    """The share of the places that is not above each of ``at``."""
    return np.searchsorted(np.sort(ranks), at, side="right") / ranks.size
