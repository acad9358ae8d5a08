"""Where the gaps of a data set are, and how well other columns predict them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.missingness import maths
from core.analyses.missingness.maths import Floats, GapModel, Ints, Mask
from core.dataset import Dataset
from core.numerics.folds import folds_of
from core.numerics.multiple_tests import false_discovery
from core.numerics.rowhash import keyed, row_keys
from core.prepare.empty_column import LEAST
from core.prepare.features import numbers
from core.prepare.hashes import row_hashes
from core.prepare.levels import level_codes
from core.prepare.structural import GapRule
from core.progress import Progress

SAMPLE = 50_000  # train rows that fillers are fitted on
# of those, rows that a model of what is missing sees, as many missing as present where there are
MODEL_ROWS = 3_000
MOST_JUDGED = 30  # different gaps that are judged by a model, the largest first
_WIDE_ROWS = 10_000  # rows of the sample that are looked at where there are more columns than a model takes
BINS = 200
WIDEST = 200  # columns drawn and compared with each other, those with most gaps
TOO_FEW_IN_FOLDS = "too few of the rows that lack or have the value are in each fold"
NO_OTHERS = "there is no other column to predict them by"
FEWEST = 20  # missing rows, and present rows, from which a model is fitted
_CELLS = 20_000_000  # of a batch of masks


@dataclass(frozen=True)
class ColumnGaps:
    """The gaps of one column.

    name: of the column.
    missing, share: how many values, and which share of all.
    train, serve: the share in each part (NaN without one).
    model: how well other columns predict them; None where that was not judged.
    q: its false discovery rate.
    by: the column that decides on its own what is missing, and how.
    unjudged: why there is no model of them, where none was tried or could be fitted; "" else.
    """

    name: str
    missing: int
    share: float
    train: float
    serve: float
    model: GapModel | None = None
    q: float = float("nan")
    by: GapRule | None = None
    unjudged: str = ""


def gaps_of(dataset: Dataset, names: tuple[str, ...]) -> tuple[ColumnGaps, ...]:
    """Columns with missing values, most first."""
    train = dataset.part_mask("train")
    count = int(train.sum())
    gaps = []
    for name in names:
        values = dataset.table([name]).column(0)
        if values.null_count:
            missing = values.is_null().to_numpy()
            here = int((missing & train).sum())
            shares = (
                here / max(1, count),
                (values.null_count - here) / (dataset.rows - count) if dataset.rows > count else float("nan"),
            )
            gaps.append(ColumnGaps(name, values.null_count, values.null_count / dataset.rows, *shares))
    return tuple(sorted(gaps, key=lambda gap: (-gap.missing, gap.name)))


def without_empty(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...]
) -> tuple[tuple[ColumnGaps, ...], tuple[str, ...]]:
    """The gaps of columns that have a value, and the names of those that have none: nothing predicts their
    gaps, and nothing can be imputed from them.
    """
    whole = dataset.rows >= LEAST
    empty = tuple(gap.name for gap in gaps if whole and gap.missing == dataset.rows)
    return tuple(gap for gap in gaps if gap.name not in empty), empty


def _masks(dataset: Dataset, names: list[str]) -> Iterator[Mask]:
    """Which values are missing, batch by batch: rows x columns."""
    size = int(np.clip(_CELLS // max(1, len(names)), 1_000, 131_072))
    for batch in dataset.batches(names, size) if names else ():
        yield np.stack([column.is_null().to_numpy(zero_copy_only=False) for column in batch.columns], axis=1)


def scan(
    dataset: Dataset, names: list[str], having: Mask, progress: Progress
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int32], Floats]:
    """Per row the signature of its gaps, its place in their order as they are drawn, and their number; per
    part (train, serve) and pair of columns the rows missing in both. having: which part has which of the
    columns: what it does not have is drawn, and is no gap.
    """
    marks, order = np.zeros(dataset.rows, np.uint64), np.zeros(dataset.rows, np.uint64)
    per_row = np.zeros(dataset.rows, np.int32)
    width = min(len(names), WIDEST)
    both, done, serve = np.zeros((2, width, width)), 0, dataset.part_mask("serve")
    for mask in _masks(dataset, names):
        here = slice(done, done + mask.shape[0])
        own = mask & having[serve[here].astype(int)]
        marks[here], order[here] = maths.signatures(own), maths.order_keys(mask, np.arange(width))
        per_row[here] = own.sum(axis=1)
        for at, part in enumerate((mask[~serve[here], :width], mask[serve[here], :width])):
            gaps = part.astype(np.float32)
            both[at] += gaps.T @ gaps
        done = here.stop
        progress.at(done / dataset.rows, "Reading gaps")
    return marks, order, per_row, both


def bin_edges(rows: int, bins: int) -> Ints:
    """The first row of each bin of `drawn_in_bins`, and at the end the number of rows.

    >>> bin_edges(10, 4), np.bincount(np.arange(10) * 4 // 10)
    (array([ 0,  3,  5,  8, 10]), array([3, 2, 3, 2]))
    """
    return -(-np.arange(bins + 1, dtype=np.int64) * rows // max(1, bins))


def drawn_in_bins(
    dataset: Dataset, names: list[str], order: NDArray[np.uint64], progress: Progress
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The matrix of gaps in bins of rows, in source order and sorted."""
    count = min(BINS, dataset.rows)
    pictures = []
    for place in (np.arange(dataset.rows), maths.places(order)):
        bins = (place * count // max(1, dataset.rows)).astype(np.int64)
        pictures.append(maths.binned(_masks(dataset, names), bins, count, len(names)).astype(np.float32))
        progress.at(len(pictures) / 2, "Drawing gaps")
    return pictures[0], pictures[1]


def masks_at(dataset: Dataset, names: list[str], rows: Ints) -> Mask:
    """Which values are missing in these rows: rows x columns."""
    if not names:
        return np.zeros((rows.size, 0), bool)
    return np.stack(
        [dataset.table([name]).column(0).take(rows).is_null().to_numpy() for name in names], axis=1
    )


@dataclass(frozen=True, eq=False)
class GapSample:
    """Train rows in the order of their content, what is missing there per column with gaps, and the fold of
    each.
    """

    rows: Ints
    mask: Mask
    folds: Ints
    trains: int

    def first(self, most: int) -> GapSample:
        """Its first rows."""
        return replace(self, rows=self.rows[:most], mask=self.mask[:most], folds=self.folds[:most])


NO_SAMPLE = GapSample(np.zeros(0, np.int64), np.zeros((0, 0), bool), np.zeros(0, np.int64), 0)


def sample_of(dataset: Dataset, names: list[str], seed: int, progress: Progress) -> GapSample:
    """Up to 50,000 train rows, drawn by their content."""
    rows = np.flatnonzero(dataset.part_mask("train"))
    trains = rows.size
    hashes = row_hashes(dataset, progress=progress)[rows]
    drawn_by = row_keys(hashes, seed)
    order = np.argpartition(drawn_by, SAMPLE)[:SAMPLE] if rows.size > SAMPLE else np.arange(rows.size)
    order = order[np.argsort(drawn_by[order], kind="stable")]
    rows, keys = rows[order], keyed(hashes[order], seed)  # equal rows are drawn one by one, and share a fold
    return GapSample(rows, masks_at(dataset, names, rows), folds_of(keys), trains)


def predicted_by_others(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...], sample: GapSample, seed: int, progress: Progress
) -> tuple[ColumnGaps, ...]:
    """The gaps, with how well other columns predict them: one model for each set of columns that are always
    missing together. None for what is measured of images, whose gaps have a known cause.
    """
    wide = len(dataset.features) > maths.WIDE
    if wide and sample.rows.size > _WIDE_ROWS:
        sample = sample.first(_WIDE_ROWS)
    matrix, block = (
        _predictors(dataset, sample.rows) if gaps and sample.rows.size else (np.zeros((0, 0), np.float32), [])
    )
    matrix = maths.ranked(matrix) if wide else matrix
    marks = np.array([hash(sample.mask[:, place].tobytes()) for place in range(len(gaps))])
    measured = set(dataset.measured)
    judged_at = [place for place, gap in enumerate(gaps) if gap.name not in measured]
    first, unjudged = _to_judge(judged_at, marks, sample, "rows" if dataset.split is None else "train rows")

    def model_of(place: int) -> GapModel | None:
        mask = sample.mask[:, place]
        same = {gap.name for gap, mark in zip(gaps, marks, strict=True) if mark == marks[place]}
        keep = [i for i, name in enumerate(block) if name not in same]
        with_and_without = [np.flatnonzero(side)[: MODEL_ROWS // 2] for side in (mask, ~mask)]
        some = np.sort(np.concatenate(with_and_without))
        return maths.gap_model(matrix[some][:, keep], mask[some], sample.folds[some], seed)

    each = progress.each([*first.items()], "Predicting gaps from other columns")
    models = {mark: model_of(place) for mark, place in each}
    judged = []
    for place, (gap, mark) in enumerate(zip(gaps, marks.tolist(), strict=True)):
        model = None if gap.name in measured else models.get(mark)
        why = unjudged.get(place, "")
        if mark in models and model is None and gap.name not in measured:
            others = len({*block} - {one.name for one, m in zip(gaps, marks, strict=True) if m == mark})
            why = TOO_FEW_IN_FOLDS if others else NO_OTHERS
        judged.append(replace(gap, model=model, unjudged=why))
    return _corrected(judged, marks.tolist())


def _to_judge(
    places: Sequence[int], marks: NDArray[np.int64], sample: GapSample, of: str
) -> tuple[dict[int, int], dict[int, str]]:
    """Per set of columns with the same gaps (``marks``, per place) the place of the one that a model is
    fitted to; and per place why there is none. of: of which rows the sample is.
    """
    first: dict[int, int] = {}
    unjudged: dict[int, str] = {}
    for place in places:
        mark = int(marks[place])
        if mark in first:
            continue
        lacking = int(sample.mask[:, place].sum())
        if why := _too_few(lacking, sample.rows.size - lacking, of):
            unjudged[place] = why
        elif len(first) == MOST_JUDGED:
            unjudged[place] = f"of different gaps only the {MOST_JUDGED} largest are judged"
        else:
            first[mark] = place
    return first, unjudged


def _too_few(lacking: int, having: int, of: str) -> str:
    """Why a model of what is missing is not fitted to so many rows; "" where it is. of: of which rows.

    >>> _too_few(4, 96, "train rows"), _too_few(4, 5, "rows"), _too_few(20, 20, "rows")
    ('fewer than 20 train rows lack the value', 'fewer than 20 rows lack the value, and as few have it', '')
    """
    if lacking >= FEWEST <= having:
        return ""
    also = ", and as few have it" if max(lacking, having) < FEWEST else ""
    return f"fewer than {FEWEST} {of} {'lack' if lacking < FEWEST else 'have'} the value{also}"


def _corrected(gaps: list[ColumnGaps], marks: list[int]) -> tuple[ColumnGaps, ...]:
    """The gaps with their q-values: columns of one mark, always missing together, are one test."""
    first = {mark: place for place, mark in reversed(list(enumerate(marks)))}
    p = np.array(
        [
            gap.model.p if gap.model and first[mark] == place else np.nan
            for place, (gap, mark) in enumerate(zip(gaps, marks, strict=True))
        ]
    )
    q = false_discovery(p)
    return tuple(replace(gap, q=float(q[first[mark]])) for gap, mark in zip(gaps, marks, strict=True))


def _predictors(dataset: Dataset, rows: Ints) -> tuple[NDArray[np.float32], list[str]]:
    """The features as numbers (levels by frequency, missing as NaN), and their names."""
    parts, block = [], []
    for name in dataset.features:
        values = dataset.table([name]).column(0).take(rows)
        if dataset[name].kind in ("numeric", "datetime", "text"):
            column = numbers(dataset[name], values)
        else:
            column = level_codes(values)[0].astype(np.float64)
            column[values.is_null().to_numpy()] = np.nan
        with np.errstate(over="ignore"):
            column = column.astype(np.float32).astype(np.float64)
        column[np.isinf(column)] = np.nan
        parts.append(column.astype(np.float32))
        block.append(name)
    return (np.stack(parts, axis=1) if parts else np.zeros((rows.size, 0), np.float32)), block
