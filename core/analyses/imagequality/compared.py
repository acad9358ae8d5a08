"""Images to look at for a property that predicts the label or the part: of which two classes, and which of
each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.measured import CALLED, COLUMNS, WORDS, by_name, label_codes, levels, measured
from core.analyses.imagequality.properties import LEAST, telling
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import name as column_name
from core.phrases import number, percent

if TYPE_CHECKING:
    from core.analyses.imagequality.analysis import ImageQualityResult

Ids = NDArray[np.int64]
PREDICTS = {
    "image_shortcut": ("label", True),
    "image_content": ("label", False),
    "image_source": ("part", True),
    "image_light": ("part", False),
}  # finding -> what the property predicts, and whether it is a technical one
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

    def typical(self, which: int) -> Ids:
        """The rows of a class, those nearest to its median first; of words, those of the commonest one."""
        rows = np.flatnonzero(self.codes == which)
        ranks = ranked(self.values)[rows]
        middle = np.sort(ranks)[(ranks.size - 1) // 2]
        if self.words:
            kinds, counts = np.unique(ranks, return_counts=True)
            middle = kinds[np.argmax(counts)]
        return np.asarray(rows[np.argsort(np.abs(ranks - middle), kind="stable")])

    def usual(self, which: int) -> str:
        """What is usual in a class, in words."""
        rows = self.typical(which)
        [first] = self.in_words(rows[:1])
        if not self.words:
            return f"median {first}"
        ranks = ranked(self.values)[rows]
        return f"{first} in {percent(float(np.mean(ranks == ranks[0])))}"

    def in_words(self, rows: Ids) -> list[str]:
        """What the property is in each of these rows; "none" where it has none: a PNG has no JPEG quality."""
        values = self.values[rows].tolist()
        if self.words:
            return ["none" if one != one else self.words[int(one)] for one in values]
        return ["none" if one != one else number(one) for one in values]


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
        pair=furthest(values, codes, enough),
    )


def ranked(values: NDArray[np.float64]) -> Ids:
    """The place of each value among all, equal ones alike; those that are missing are first.

    >>> ranked(np.array([0.5, np.nan, 0.1, 0.5]))
    array([2, 0, 1, 2])
    """
    return np.asarray(np.unique(np.where(np.isnan(values), -np.inf, values), return_inverse=True)[1])


def furthest(values: NDArray[np.float64], codes: Ids, of: Ids) -> tuple[int, int]:
    """Two of the classes ``of``: those of the largest Kolmogorov-Smirnov distance and, where several are as
    far apart, of the medians furthest apart; the one of the lower median first.

    >>> furthest(np.repeat([0.0, 9.0, 5.0, np.nan], 10), np.repeat([0, 1, 2, 3], 10), np.arange(4))
    (3, 1)
    """
    ranks = ranked(values)
    own = [np.sort(ranks[codes == one]) for one in of]
    steps = np.linspace(0, 1, STEPS)
    at = np.unique(np.quantile(np.concatenate(own), steps, method="inverted_cdf"))
    below = np.stack([np.searchsorted(one, at, side="right") / one.size for one in own])
    apart = np.array([np.abs(below - one).max(axis=1) for one in below]).round(9)
    medians = np.array([np.median(one) for one in own])
    between = np.abs(medians[:, None] - medians)
    best = np.lexsort((-between.ravel(), -apart.ravel()))[0]
    low, high = sorted(divmod(int(best), of.size), key=lambda place: medians[place])
    return int(of[low]), int(of[high])
