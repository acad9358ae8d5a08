"""The rows of a data set whose target is known, ready to relate every column to it: bins for the eye, a
matrix for a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.association import Codes, Floats
from core.numerics.binning import binned, quantile_edges
from core.numerics.folds import Fold, spread
from core.numerics.parting import parting
from core.numerics.rowhash import keyed, row_keys
from core.phrases import count, limit_among, name
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.prepare.levels import COMPARED, encoded, level_codes, missing_label
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pyarrow as pa

MIN_ROWS = 20  # rows with a known target below which nothing is said
CLASSES = 20  # classes kept apart; the rest counts as one
SHOWN_LEVELS = 12
_EACH = 5  # rows per distinct value from which a target of few whole numbers may name classes


class Targeted(NamedTuple):
    """The rows whose target is known.

    name: of the target.
    rows: ids of the rows used, in the order of their content's key, so that nothing depends on the source's
        order.
    target: class codes from 0 (the most frequent class), or numbers.
    classes: their names, () for numbers.
    names: of the columns.
    matrix: rows x p, NaN where missing; levels as codes from 0.
    levels: texts of the levels per column, () for numbers.
    starts: of a datetime column the first time, in microseconds, from which its numbers count.
    """

    name: str
    rows: NDArray[np.int64]
    target: NDArray[Any]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    matrix: Floats
    levels: tuple[tuple[str, ...], ...]
    starts: tuple[int | None, ...]


def targeted(
    dataset: Dataset,
    target: str,
    columns: Sequence[str] = (),
    sample: int = 50_000,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Targeted:
    """At most ``sample`` train rows with a known target, chosen by content and ``seed``.

    columns: to relate to it; all numbers, categories, booleans and datetimes but id and weight by default.
        Those without a value in these rows relate to nothing, and are left out.
    Raises `TooSmallError` when there is no such column, fewer than 20 rows, or only one value of the target.
    """
    barred = {dataset.roles.id, dataset.roles.weight, target}
    names = tuple(n for n in columns or dataset.names if n not in barred and dataset[n].kind in COMPARED)
    if not names:
        raise TooSmallError(
            f"There is no column to relate to {name(target)}: it needs a number, category, boolean or date "
            "beside it."
        )
    usable = np.flatnonzero(
        ~np.asarray(dataset.table([target]).column(0).is_null()) & dataset.part_mask("train")
    )
    keys = row_keys(row_hashes(dataset, [*names, target], progress)[usable], seed)
    rows, known, classes = _known(dataset, target, usable[np.argsort(keys, kind="stable")][:sample])
    if rows.size < MIN_ROWS:
        raise TooSmallError(
            f"{name(target)} is known in {count(rows.size, 'row')}; relating columns to it takes at least "
            f"{MIN_ROWS}."
        )
    if np.unique(known).size < 2:
        raise TooSmallError(f"{name(target)} has only one value in these rows; there is nothing to predict.")
    every = {column: _column(dataset, column, rows) for column in names}
    there = {column: one for column, one in every.items() if not np.isnan(one[0]).all()}
    if not there:
        raise TooSmallError(f"No column beside {name(target)} has a value in these rows.")
    names, read = tuple(there), [*there.values()]
    matrix = np.stack([column for column, _, _ in read], axis=1)
    return Targeted(
        name=target,
        rows=rows,
        target=known,
        classes=classes,
        names=names,
        matrix=matrix,
        levels=tuple(texts for _, texts, _ in read),
        starts=tuple(first for *_, first in read),
    )


def _known(
    dataset: Dataset, target: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[Any], tuple[str, ...]]:
    """The rows, without those whose target is infinite; their target; and its classes."""
    known, classes = _target(dataset.table([target]).column(0).take(rows), dataset[target].kind)
    if classes:
        return rows, known, classes
    finite = np.isfinite(known)
    return rows[finite], known[finite], classes


def _column(
    dataset: Dataset, column: str, rows: NDArray[np.int64]
) -> tuple[Floats, tuple[str, ...], int | None]:
    import pyarrow.compute as pc

    values = dataset.table([column]).column(0).take(rows)
    if dataset[column].kind not in ("numeric", "datetime"):
        return *_codes(values), None
    first = pc.min(values.cast("int64")).as_py() if dataset[column].kind == "datetime" else None
    return floats(values), (), first


def _codes(values: pa.ChunkedArray) -> tuple[Floats, tuple[str, ...]]:
    """Codes from 0 in the order of the levels' texts (NaN: missing), and the texts."""
    codes, levels = encoded(values)
    texts = [str(text) for text in levels.to_pylist()]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.full(len(texts) + 1, np.nan)
    place[order] = np.arange(len(texts))
    return place[codes], tuple(texts[j] for j in order)


def _target(values: pa.ChunkedArray, kind: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Numbers and (), or class codes from 0 (most frequent first) and the classes' names. Two distinct
    numbers are two classes.
    """
    if kind == "numeric":
        held = floats(values)
        if np.unique(held[np.isfinite(held)]).size != 2 or not np.isfinite(held).all():
            return held, ()
    codes, texts = level_codes(values)
    rest = ("any other",) if len(texts) > CLASSES else ()
    return np.minimum(codes, CLASSES).astype(np.int32), (*texts[:CLASSES], *rest)


def bins_of(read: Targeted, j: int, bins: int) -> tuple[Codes, tuple[str, ...]]:
    """Codes from 1 of column j, and what each code says: equal-mass bins of numbers, the most frequent
    levels; missing is the last.
    """
    values = read.matrix[:, j]
    if read.levels[j]:
        codes, labels = _top_levels(values, read.levels[j])
    else:
        edges = quantile_edges(values, bins)
        codes, labels = binned(values, edges), _bin_labels(values, edges, read.starts[j])
    if (codes == 0).any():
        labels = (*labels, missing_label(labels))
        codes = np.where(codes == 0, len(labels), codes).astype(np.int32)
    return codes, labels


def _top_levels(values: Floats, texts: tuple[str, ...]) -> tuple[Codes, tuple[str, ...]]:
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    order = np.argsort(-counts, kind="stable")[
        : SHOWN_LEVELS if len(texts) > SHOWN_LEVELS + 1 else len(texts)
    ]
    place = np.full(len(texts) + 1, order.size + 1, np.int32)
    place[order] = np.arange(1, order.size + 1)
    place[-1] = 0
    return place[codes], tuple(texts[level] for level in order) + (
        ("any other",) if order.size < len(texts) else ()
    )


def _bin_labels(values: Floats, edges: Floats, start: int | None) -> tuple[str, ...]:
    """What each bin holds, as ``over low to high``; a single value stands alone."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return ()
    starts = np.append(0, np.searchsorted(known, edges, side="right"))
    least, most = known[starts], known[np.append(starts[1:], known.size) - 1]
    ends = [_limit(known, value, start) for value in edges]
    if not ends:
        ranges = [f"{_end(least[0], start)} to {_end(most[0], start)}"]
    else:
        between = [f"over {low} to {high}" for low, high in zip(ends[:-1], ends[1:], strict=True)]
        ranges = [f"up to {ends[0]}", *between, f"over {ends[-1]}"]
    alone = [_end(low, start) if low == high else "" for low, high in zip(least, most, strict=True)]
    return tuple(one or many for one, many in zip(alone, ranges, strict=True))


def _limit(known: Floats, edge: float, start: int | None) -> str:
    """The end of a bin, which parts the values as printed, too."""
    text, (least, most) = _end(edge, start), parting(known, edge, above=True)
    if start is not None or least <= float(text.replace(",", "")) <= most:
        return text
    return limit_among(edge, least, most, float(known[0]), float(known[-1]))


def _end(value: float, start: int | None) -> str:
    if start is None:
        return f"{value:.4g}" if abs(value) < 1e4 or abs(value) >= 1e9 else f"{value:,.0f}"
    return str(np.datetime64(int(start + value), "us").astype("datetime64[s]")).replace("T", " ")


def content_folds(dataset: Dataset, read: Targeted, seed: int) -> Fold:
    """Folds that keep rows of one group (role ``group``) together, and rows with equal columns where there is
    no such role.
    """
    group = dataset.roles.group
    keys = row_hashes(dataset, [group] if group else read.names)[read.rows]
    return spread(keyed(keys, seed + 1), read.target if read.classes else None)


def whole_numbers(dataset: Dataset, read: Targeted) -> int:
    """How many distinct whole numbers the target holds where they may name classes: few, and each in several
    rows. Else 0.
    """
    if read.classes or np.unique(read.target).size > CLASSES:
        return 0
    values = floats(dataset.table([read.name]).column(0).filter(dataset.part_mask("train")).drop_null())
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    few = distinct.size <= min(CLASSES, known.size // _EACH)
    return int(distinct.size) if few and bool((distinct == np.round(distinct)).all()) else 0
