"""The rows of a data set as something to predict: typed columns, class codes, folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import LEVELS, Columns
from core.analyses.strategies.evaluate import Problem
from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.rowhash import keyed, row_keys
from core.phrases import count, name
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.prepare.levels import encoded, level_codes
from core.progress import Progress

USED = ("numeric", "boolean", "category", "datetime", "text")
FOLDS = 5
CLASSES = 200
_DAY = 86_400_000_000.0  # microseconds


class Posed(NamedTuple):
    """A problem, the source rows in its order, the names of the classes (the most frequent first), how many
    classes were left out as too rare for the folds, and columns that are not used.
    """

    problem: Problem
    rows: NDArray[np.int64]
    classes: tuple[str, ...]
    too_rare: tuple[str, ...]
    unused: tuple[str, ...]


def posed(
    dataset: Dataset,
    target: str,
    columns: Sequence[str],
    sample: int,
    repeats: int,
    seed: int,
    progress: Progress,
) -> Posed:
    """At most ``sample`` train rows with a known target, chosen by content and ``seed``, in folds.

    Rows with equal features, or of one group, share a fold; classes are spread evenly. Classes of fewer
    groups than there are folds are left out and named. Raises `TooSmallError` where fewer than two classes
    remain.
    """
    names = tuple(column for column in columns or dataset.features if column != target)
    used = tuple(column for column in names if dataset[column].kind in USED)
    if not used:
        raise TooSmallError(f"There is no column to predict {name(target)} from.")
    known = ~np.asarray(dataset.table([target]).column(0).is_null()) & dataset.part_mask("train")
    rows = np.flatnonzero(known)
    features = row_hashes(dataset, used, progress)
    keys = row_keys(row_hashes(dataset, [*used, target], progress)[rows], seed)
    rows = rows[np.argsort(keys, kind="stable")][:sample]
    groups = _groups(dataset, features, rows)
    codes, texts = level_codes(dataset.table([target]).column(0).take(rows))
    per_class = np.array([np.unique(groups[codes == code]).size for code in range(len(texts))], np.int64)
    kept = np.flatnonzero(per_class >= FOLDS)[:CLASSES]
    if kept.size < 2:
        raise TooSmallError(_too_few(target, texts, np.bincount(codes, minlength=len(texts))))
    place = np.full(len(texts), -1, np.int64)
    place[kept] = np.arange(kept.size)
    stay = place[codes] >= 0
    rows, groups, codes = rows[stay], groups[stay], place[codes[stay]]
    folds = np.stack([grouped_folds(keyed(groups, seed * 1000 + at), codes) for at in range(repeats)])
    typed, values = _columns(dataset, used, rows)
    problem = Problem(values, typed, codes, int(kept.size), folds)
    rare = tuple(texts[code] for code in np.flatnonzero(place < 0))
    unused = tuple(column for column in names if column not in used)
    return Posed(problem, rows, tuple(texts[code] for code in kept), rare, unused)


def grouped_folds(groups: NDArray[np.uint64], classes: NDArray[Any], folds: int = FOLDS) -> NDArray[np.int8]:
    """The fold, from 0, of each row. Rows of one group share it. Groups, the largest first (ties by key), go
    to the fold that has fewest rows of the group's rarest class so far, then fewest rows: every class is
    spread as evenly as its groups allow.
    """
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    totals = np.bincount(classes)
    rarity = np.argsort(np.argsort(totals, kind="stable"), kind="stable")  # 0: the rarest class
    rarest = np.full(sizes.size, np.iinfo(np.int64).max)
    np.minimum.at(rarest, inverse, rarity[classes])
    fold = np.empty(sizes.size, np.int8)
    for kind in np.unique(rarest):  # groups of one row each are dealt in turn, which comes to the same
        here = np.flatnonzero(rarest == kind)
        here = here[np.argsort(-sizes[here], kind="stable")]
        single = sizes[here] == 1
        fold[here[~single]] = _dealt(sizes[here[~single]], folds)
        fold[here[single]] = np.arange(int(single.sum())) % folds
    return fold[inverse]


def _dealt(sizes: NDArray[np.int64], folds: int) -> NDArray[np.int8]:
    """Groups of several rows, the largest first, each to the fold with fewest rows."""
    loads = [0] * folds
    chosen = np.empty(sizes.size, np.int8)
    for at, size in enumerate(sizes.tolist()):
        best = loads.index(min(loads))
        chosen[at] = best
        loads[best] += size
    return chosen


def _groups(dataset: Dataset, features: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A key per row that rows of equal features share, and rows of one group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    equal = features[rows]
    if not dataset.roles.group:
        return equal
    by_group, _ = encoded(dataset.table([dataset.roles.group]).column(0).take(rows))
    first, same = np.unique(equal, return_inverse=True)
    known = by_group >= 0
    ends = (same[known], first.size + by_group[known])
    size = first.size + int(by_group.max(initial=-1)) + 1
    links = coo_array((np.ones(ends[0].size, np.int8), ends), shape=(size, size))
    part = connected_components(links, directed=False)[1][same]
    smallest = np.full(int(part.max()) + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, part, equal)
    return smallest[part]


def _columns(
    dataset: Dataset, names: Sequence[str], rows: NDArray[np.int64]
) -> tuple[Columns, dict[str, NDArray[Any]]]:
    """The columns by what is done with them, and their values. Infinite numbers count as missing."""
    import pyarrow as pa

    sorts: dict[str, list[str]] = {"numbers": [], "levels": [], "many": [], "texts": []}
    values: dict[str, NDArray[Any]] = {}
    for column in names:
        raw = dataset.table([column]).column(0).take(rows)
        kind = dataset[column].kind
        if kind in ("numeric", "datetime", "boolean"):
            numbers = floats(raw.cast(pa.float64()) if kind == "boolean" else raw)
            values[column] = numbers / _DAY if kind == "datetime" else numbers
            sorts["numbers"].append(column)
            continue
        texts = np.array(raw.cast(pa.string()).to_pylist(), dtype=object)
        if kind == "text":
            values[column] = np.where(texts == None, "", texts)  # noqa: E711
            sorts["texts"].append(column)
        else:
            values[column] = np.where(texts == None, np.nan, texts)  # noqa: E711
            sorts["many" if len(set(raw.to_pylist())) > LEVELS else "levels"].append(column)
    return Columns(*(tuple(sorts[field]) for field in Columns._fields)), values


def _too_few(target: str, texts: Sequence[str], counts: NDArray[np.int64]) -> str:
    if len(texts) < 2:
        return f"{name(target)} has only one class in the train rows with a known target; there is nothing "
        "to compare."
    most = f"the second most frequent class of {name(target)} has {count(int(counts[1]), 'row')}"
    return f"Strategies are compared in {FOLDS} folds: every class needs {FOLDS} different rows, and {most}."
