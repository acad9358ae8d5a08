"""Columns that separate train from serve on their own. Each is judged by its own values alone, on rows drawn
by these, so that neither the target nor which other columns are compared has a say in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.domain import Area, area_of, halves, single_areas
from core.numerics.rowhash import row_keys
from core.prepare.encoding import encoded
from core.prepare.features import numbers
from core.prepare.hashes import row_hashes
from core.prepare.levels import encoded as level_codes
from core.prepare.memo import VersionMemo
from core.prepare.train_serve import interleaved
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
Apart = Literal["", "time", "name"]
LIMIT = 0.95  # single-feature AUC from which a column separates the parts on its own
SAMPLE = 10_000  # rows of each part that judge it
_SURE = 0.001  # chance that any column is reported as separating the parts where none does
_NEAR = 0.1  # below the limit on another sample of rows, from where a column is judged by its own
_SPREADS = 4.0  # and as many standard deviations
_TIME_NAME = re.compile(
    r"(?i)(^|[_\W])(year|yr|quarter|month|week|day|date|datetime|timestamp|stamp|ts|epoch|created|updated)"
    r"(?![^\W\d_])|^time$"
)


class SeparatingColumn(NamedTuple):
    """A column that separates the parts on its own. auc: its single-feature AUC. why: "time", where the data
    are split by it; "name", where it has one value in train and another in serve; "" where it is neither, so
    that a model that uses it meets values in serve that it has hardly seen.
    """

    name: str
    auc: float
    why: Apart


class _Judged(NamedTuple):
    """Held per column."""

    area: Area
    nbytes: int = 200


_AREAS: VersionMemo[_Judged] = VersionMemo()


def near(area: Area, limit: float) -> bool:
    """Whether a column that reaches this area on some rows may reach the limit on its own ones."""
    return area.value >= limit - _NEAR - _SPREADS * area.spread


def sure(columns: int) -> float:
    """The p-value below which one of so many columns surely differs between the parts."""
    return _SURE / max(1, columns)


def separating(
    dataset: Dataset,
    names: Sequence[str],
    near_limit: Collection[str],
    limit: float = LIMIT,
    seed: int = 0,
    progress: Progress = SILENT,
) -> tuple[SeparatingColumn, ...]:
    """Those of ``names`` that separate the parts on their own, the surest first: they reach the limit, beyond
    the noise after correction for all of ``names``, and with the low end of the interval near it; and times
    by which the data are split. near_limit: those that may reach it (see `near`); the others are not judged.
    """
    columns = []
    for name in progress.each(names, "Single-feature AUC"):
        by_time = splits_by_time(dataset, name)
        if not by_time and name not in near_limit:
            continue
        area, least = own_area(dataset, name, seed), sure(len(names))
        reached = area.value >= limit and area.low >= 2.0 * limit - 1.0
        if area.p < least and (reached or by_time):
            columns.append(SeparatingColumn(name, area.value, why_apart(dataset, name)))
    return tuple(sorted(columns, key=lambda one: (-one.auc, one.name)))


def own_area(dataset: Dataset, name: str, seed: int = 0) -> Area:
    """The single-feature AUC of a column, on at most 10,000 rows of each part drawn by its values; see
    `single_areas`. Remembered by version.
    """
    return _AREAS.once(dataset.version, (name, seed), lambda: _Judged(_area(dataset, name, seed))).area


def _area(dataset: Dataset, name: str, seed: int) -> Area:
    hashes, serve, order = row_hashes(dataset, [name]), dataset.part_mask("serve"), []
    for which, mask in enumerate((~serve, serve)):
        rows = np.flatnonzero(mask).astype(np.int64)
        order.append(rows[_smallest(row_keys(hashes[rows], 2 * seed + which))])
    size = min(some.size for some in order)
    rows, second = interleaved(order[0][:size], order[1][:size])
    vectors = encoded(dataset, [name], rows=rows)
    if not vectors.names:
        return area_of(np.zeros(rows.size), second)
    return single_areas(vectors.matrix.whole(), second, halves(second), vectors.block)[0]


def _smallest(keys: NDArray[np.uint64]) -> Ids:
    """The places of the smallest keys, ascending by key."""
    some = np.argpartition(keys, SAMPLE)[:SAMPLE] if keys.size > SAMPLE else np.arange(keys.size)
    return np.asarray(some[np.argsort(keys[some], kind="stable")], dtype=np.int64)


def why_apart(dataset: Dataset, name: str) -> Apart:
    """Why a column that separates the parts is what they are split by; "" where it is not, as of what is
    measured of images: another size or format of all of them is a difference.
    """
    if name in dataset.measured:
        return ""
    if splits_by_time(dataset, name):
        return "time"
    return "name" if _names_part(dataset, name) else ""


def names_time(column: str) -> bool:
    """Whether a column's name says that it is a point in time; durations (``air_time``, ``days_open``) are
    amounts.

    >>> [names_time(column) for column in ("year", "order_month", "Date2", "created_at")]
    [True, True, True, True]
    >>> [names_time(column) for column in ("air_time", "days_open", "daylight")]
    [False, False, False]
    """
    return _TIME_NAME.search(column.strip()) is not None


def splits_by_time(dataset: Dataset, name: str) -> bool:
    """Whether the column is a time whose values in serve all lie at or after the end of train; the target
    never is.
    """
    column, roles = dataset[name], dataset.roles
    if column.kind not in ("numeric", "datetime") or name == roles.target:
        return False
    if name != roles.time and not names_time(name):
        return False
    values, serve = numbers(column, dataset.table([name]).column(0)), dataset.part_mask("serve")
    there = np.isfinite(values)
    train, other = values[there & ~serve], values[there & serve]
    return bool(train.size and other.size and other.min() >= train.max())


def _names_part(dataset: Dataset, name: str) -> bool:
    """Whether the column has one value in train and another in serve; the target never has."""
    if name == dataset.roles.target:
        return False
    values = dataset.table([name]).column(0)
    (codes, _), serve = level_codes(values), dataset.part_mask("serve")
    parts = [np.unique(codes[(codes >= 0) & part]) for part in (~serve, serve)]
    return all(one.size == 1 for one in parts) and parts[0][0] != parts[1][0]
