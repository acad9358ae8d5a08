"""What is said of unequal classes: not that they are, but what so few rows of one do not allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.imbalance.measures import Counts, auroc_half_width, ratio_span
from core.analyses.imbalance.regions import RARE, Region
from core.finding import Finding
from core.numerics.binning import wilson
from core.phrases import count, listed, name, number, percent, quoted, sentence, verb
from core.prepare.classes import Classes
from core.rowset import RowSet

PER_FOLD = 10  # rows of a class per fold below which the folds' scores swing
RANKED = 100  # events below which an AUROC is known to no better than about 0.05
CALIBRATED = 200  # events below which a calibration curve says little (Van Calster et al. 2016)
TOO_FEW = ("too_few_to_stratify", "too_few_for_auroc", "too_few_to_calibrate")
NAMED = 3  # classes of equally few rows that are named
EVEN = 3.0  # rows of the largest class per row of the smallest, up to which accuracy is no trap


class Classed(NamedTuple):
    """The counts that are spoken of. different: rows of each class that no other row of train equals, groups
    counted once. labelled: whether every row of train has a class. unseen: rows of serve of
    classes that train has no row of.
    """

    target: str
    names: tuple[str, ...]
    train: Counts
    serve: Counts
    per_fold: Counts
    different: Counts
    labelled: bool
    unseen: RowSet

    @property
    def kept(self) -> list[int]:
        """The classes that train has, the rarest last."""
        return [int(one) for one in np.flatnonzero(self.train > 0)]

    def fewer(self, counts: Counts, limit: int) -> list[int]:
        """The classes of train with fewer than that, the fewest first."""
        low = [one for one in self.kept if counts[one] < limit]
        return sorted(low, key=lambda one: (counts[one], -one))


def of_classes(classed: Classed) -> list[Finding]:
    """All that there is to say of these classes."""
    if len(classed.kept) < 2:
        return _unseen(classed)
    return [
        *_unseen(classed),
        *_stratify(classed),
        *_auroc(classed),
        *_calibrate(classed),
        *_baseline(classed),
    ]


def of_spellings(target: str, spellings: Mapping[str, str], classes: Classes) -> list[Finding]:
    """That classes are other ways to write the word of one; none where there are none."""
    if not spellings:
        return []
    to = next(iter(spellings.values()))
    ways = [one for one, word in spellings.items() if word == to]
    more = len(spellings) - len(ways[:NAMED])
    others = f", and {count(more, 'more', 'more')}" if more else ""
    known = classes.codes >= 0
    odd = np.isin(classes.codes, [at for at, one in enumerate(classes.names) if one in spellings]) & known
    return [
        Finding(
            code="spelled_classes",
            title=f"{count(len(spellings), 'class', 'classes')} of {name(target)} "
            f"{verb(len(spellings), 'is', 'are')} likely another spelling of one: "
            f"{listed([quoted(one) for one in ways[:NAMED]])} of {quoted(to)}{others}.",
            severity="warning",
            score=min(1.0, 0.5 + 0.5 * float(odd.sum()) / max(1, int(known.sum()))),
            why="Each spelling is a class of its own to a model, with too few rows to be learned. What is "
            "said here of too few rows counts them as one class.",
            suggestion="Write them alike before you look at balance: no more rows are needed.",
            rows=RowSet.from_mask(odd),
            columns=(target,),
            value=float(len(spellings)),
            measure="classes",
            limit=0.0,
            n=int(known.sum()),
            action="merge",
            settings={"method": "spelling"},
            becomes=to if len({*spellings.values()}) == 1 else "",
        )
    ]


def _equal(classes: Sequence[int], *counts: Counts) -> list[int]:
    """The first of the classes, and those that have as many rows by all of these counts; the first alone
    where there are too many such to name.
    """
    same = [one for one in classes if all((each[one] == each[classes[0]]).all() for each in counts)]
    return same if len(same) <= NAMED else [classes[0]]


def _called(classed: Classed, classes: Sequence[int]) -> str:
    """Classes in a sentence, in the order of the data's counts: ``class 'a'``, ``classes 'a' and 'b'``."""
    told = [quoted(classed.names[one]) for one in sorted(classes)]
    return f"{verb(len(told), 'class', 'classes')} {listed(told)}"


def _others(classes: Sequence[int], named: int, limit: str) -> str:
    """How many classes beside those that are named have fewer rows than the limit; "" where none has."""
    more = len(classes) - named
    many = f"; {count(more, 'more class', 'more classes')} {verb(more, 'has', 'have')} fewer than {limit}"
    return many if more else ""


def _or_more(classes: Sequence[int]) -> str:
    more = len(classes) - 1
    return f" or {count(more, 'more', 'more')}" if more else ""


def _between(counts: Counts) -> str:
    """The fewest and the most rows, in words.

    >>> _between(np.array([3, 4])), _between(np.array([3, 3])), _between(np.array([1]))
    ('3 to 4 rows', '3 rows', '1 row')
    """
    least, most = int(counts.min()), int(counts.max())
    return count(least, "row") if least == most else f"{least:,} to {count(most, 'row')}"


def _stratify(classed: Classed) -> list[Finding]:
    folds = classed.per_fold.shape[1]
    low = classed.fewer(classed.different, PER_FOLD * folds)
    if not low:
        return []
    rows, every = int(classed.different[low[0]]), int(classed.train[low[0]])
    cannot = rows < folds
    limit = f"{PER_FOLD * folds} different rows, {PER_FOLD} in each of {folds} folds"
    own = count(rows, "row") if rows == every else f"{count(rows, 'different row')} among {every:,}"
    same = _equal(low, classed.different, classed.train)
    title = f"{sentence(_called(classed, same))} {verb(len(same), 'has', 'have')} " + (
        f"{own}{' each' * (len(same) > 1)}: fewer than there are folds ({folds})"
        if cannot
        else f"{_between(classed.per_fold[same])} in each of {folds} folds"
    )
    return [
        Finding(
            code="too_few_to_stratify",
            title=f"{title}{_others(low, len(same), limit)}.",
            severity="warning",
            score=float(np.clip(1.0 - rows / (PER_FOLD * folds), 0.0, 1.0)),
            why=f"In a fold without a row of the class it cannot be scored at all; with fewer than "
            f"{PER_FOLD}, one row more or less moves its score. Equal rows and rows of one group count once.",
            suggestion="Collect rows of the class, merge it with another, or use fewer folds.",
            columns=(classed.target,),
            value=float(rows) if cannot else rows / folds,
            measure="different rows of the class"
            if cannot
            else "different rows of the class in a fold (mean)",
            limit=float(folds if cannot else PER_FOLD),
            n=int(classed.train.sum()),
        )
    ]


def _auroc(classed: Classed) -> list[Finding]:
    low = classed.fewer(classed.train, RANKED)
    if not low:
        return []
    events, rows = int(classed.train[low[0]]), int(classed.train.sum())
    half, same = auroc_half_width(events, rows - events), _equal(low, classed.train)
    return [
        Finding(
            code="too_few_for_auroc",
            title=f"With {count(events, 'row')} {'each ' * (len(same) > 1)}of {_called(classed, same)} an "
            f"AUROC of 0.8 {_known_to(half)}{_others(low, len(same), f'{RANKED} rows')}.",
            severity="warning" if half > 0.1 else "info",
            score=float(np.clip(2.0 * half, 0.0, 1.0)),
            why="Differences between models that are smaller than this cannot be seen. What counts is the "
            f"number of rows of the class, not its share: with {RANKED} or more this is not said.",
            suggestion="Read scores of this class with their intervals; collect more rows of it.",
            columns=(classed.target,),
            value=half,
            measure="half width of the 95% interval",
            limit=auroc_half_width(RANKED, max(rows - events, RANKED)),
            n=events,
        )
    ]


def _known_to(half: float) -> str:
    """How well an AUROC of 0.8 is known, which is at most 1.

    >>> _known_to(0.123), _known_to(0.5227)
    ('is known to ±0.12', 'may as well be 0.28 or 1')
    """
    return f"is known to ±{half:.2f}" if 0.8 + half < 1.0 else f"may as well be {0.8 - half:.2g} or 1"


def _calibrate(classed: Classed) -> list[Finding]:
    low = classed.fewer(classed.train, CALIBRATED)
    if not low:
        return []
    events = int(classed.train[low[0]])
    (least, most), same = ratio_span(events), _equal(low, classed.train)
    return [
        Finding(
            code="too_few_to_calibrate",
            title=f"With {count(events, 'row')} {'each ' * (len(same) > 1)}of {_called(classed, same)} "
            f"the ratio O/E of predictions that are right may lie anywhere from {least:.2f} to {most:.2f}"
            f"{_others(low, len(same), f'{CALIBRATED} rows')}.",
            severity="info",
            score=float(np.clip((most - least) / 4.0, 0.0, 1.0)),
            why="O/E is events observed over events expected; 1 is right. Within this interval a calibration "
            "curve cannot be told from a right one, and isotonic regression would follow noise.",
            suggestion=f"Use Platt scaling, not isotonic regression; collect {CALIBRATED} rows of the "
            "class to draw a curve.",
            columns=(classed.target,),
            value=float(events),
            measure="rows of the class",
            limit=float(CALIBRATED),
            n=int(classed.train.sum()),
        )
    ]


def _baseline(classed: Classed) -> list[Finding]:
    present = classed.train[classed.train > 0]
    ratio, share = float(present.max() / present.min()), float(present.max() / present.sum())
    if ratio <= EVEN:
        return []
    same = _equal(classed.kept[::-1], classed.train)
    each = " each" * (len(same) > 1)
    rows = "train rows" if classed.serve.any() else "rows"
    rows += "" if classed.labelled else " with a label"
    return [
        Finding(
            code="imbalance",
            title=f"{sentence(percent(float(present.min() / present.sum())))} of the {rows}{each} are of "
            f"{_called(classed, same)}, one for every "
            f"{_per_row(ratio)} of {quoted(classed.names[0])}.",
            severity="info",
            score=float(np.clip(1.0 - 1.0 / ratio, 0.0, 1.0)) / 2.0,
            why=f"Always predicting {quoted(classed.names[0])} is right in {percent(share)} of the {rows}. "
            "That is no fault of the data: a model learns rare classes if it has enough of their rows.",
            suggestion="Judge by log loss, AUROC and average precision beside its baseline, the share; move "
            "the threshold before you resample.",
            columns=(classed.target,),
            value=ratio,
            measure="rows of the largest class per row of the smallest",
            limit=EVEN,
            n=int(present.sum()),
        )
    ]


def _per_row(ratio: float) -> str:
    """How many rows there are for one, in a sentence.

    >>> _per_row(3.2524), _per_row(2.0), _per_row(41.26)
    ('3.3', '2', '41')
    """
    return number(round(ratio, 1) if ratio < 10 else round(ratio))


def _unseen(classed: Classed) -> list[Finding]:
    new = np.flatnonzero((classed.train == 0) & (classed.serve > 0)).tolist()
    if not new:
        return []
    rows, served = int(classed.serve[new].sum()), int(classed.serve.sum())
    low, high = wilson(np.array([float(rows)]), np.array([float(served)]))
    shown = quoted(classed.names[new[0]])
    return [
        Finding(
            code="unseen_class",
            title=f"{rows:,} of {count(served, 'serve row')} ({percent(rows / served)}, 95% interval "
            f"{percent(float(low[0]))} to {percent(float(high[0]))}) {'is' if rows == 1 else 'are'} of class "
            f"{shown}{_or_more(new)}, which train has no row of.",
            severity="warning",
            score=float(np.clip(rows / served, 0.0, 1.0)),
            rows=classed.unseen,
            why="A model can only predict classes that it was trained on: these rows it gets wrong.",
            suggestion="Put rows of the class into train, or leave it out of serve.",
            columns=(classed.target,),
            value=float(rows),
            measure="serve rows of classes that train lacks",
            limit=0.0,
            n=int(classed.serve.sum()),
        )
    ]


def rare_region(target: str, regions: Sequence[Region], values: NDArray[np.float64]) -> list[Finding]:
    """The regions of a number that have few rows. values: one per row of the data, of train alone."""
    rows = int(np.isfinite(values).sum())
    return [
        Finding(
            code="rare_region",
            title=f"{name(target)} lies between {number(one.low)} and {number(one.high)} in "
            f"{count(one.rows, 'row')} ({percent(one.rows / rows)}).",
            severity="info",
            score=float(np.clip(0.5 - one.rows / rows, 0.0, 1.0)),
            why="A model is fitted where the rows are: in a region with so few it may be far off, and the "
            "mean error hardly shows it.",
            suggestion="Look at the error in this region by itself; weight its rows, or collect more.",
            columns=(target,),
            about=f"{one.low:.17g}",
            extent=RowSet.from_mask((values >= one.low) & (values <= one.high)),
            value=one.density,
            measure="rows over those of an even spread",
            limit=RARE,
            n=rows,
        )
        for one in regions
    ]
