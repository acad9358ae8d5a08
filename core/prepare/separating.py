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
from core.dataset.column import Column
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
Floats = NDArray[np.float64]
Apart = Literal["", "time", "name"]
LIMIT = 0.95  # single-feature AUC from which a column separates the parts on its own
SAMPLE = 10_000  # rows of each part that judge it
_SURE = 0.001  # chance that any column is reported as separating the parts where none does
_NEAR = 0.1  # below the limit on another sample of rows, from where a column is judged by its own
_SPREADS = 4.0  # and as many standard deviations
_DATES = {"date", "datetime", "timestamp", "stamp", "ts", "epoch"}
_TIMES = _DATES | {"created", "updated", "year", "yr", "quarter", "month", "week", "day", "hour"}
_MONTHS = {"month": (1, 12), "week": (1, 53), "quarter": (1, 4)}  # with a year before them, too: yyyymm
_CALENDAR = {**_MONTHS, "day": (1, 31), "hour": (0, 23)}
_YEARS = (1900, 2100)
_EPOCH = (300_000_000.0, 4_133_980_800.0)  # 1979 to the end of 2100, in seconds since 1970
_OF_EVENTS = set(  # words beside these that make no amount of them, as "charge" or "kwh" do
    "of the in at on utc local s ms us ns seconds no nr num number calendar fiscal academic school model "
    "reference survey census report event order booking pickup arrival departure start begin end first last "
    "birth hire signup entry exit admission discharge release publication published built construction "
    "harvest".split()
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
    """Whether a column's name is that of a point in time. Durations (``air_time``, ``days_open``) are
    amounts, and so is what comes in a year, a month or a day.

    >>> [names_time(column) for column in ("year", "order_month", "Date2", "created_at", "birth_date")]
    [True, True, True, True, True]
    >>> [names_time(column) for column in ("air_time", "days_open", "daylight", "charge_month", "per day")]
    [False, False, False, False, False]
    """
    words = _words(column)
    return words == ["time"] or bool(
        words and (_itself(words) or (words[-1] in _DATES and "per" not in words))
    )


def is_time(column: Column, values: Floats) -> bool:
    """Whether a column holds points in time: dates, or whole numbers that its name calls so and that can be:
    years, months, days of a month, weeks, hours, years with month and day behind them, or seconds since 1970
    (or thousandths of them, and so on). values: its own, of dates in any unit.

    >>> def column(name):
    ...     return Column(name, "numeric", "double")
    >>> is_time(column("month"), np.array([1.0, 12.0])), is_time(column("month"), np.array([9.7, 10.4]))
    (True, False)
    >>> is_time(column("year"), np.array([1998.0, np.nan])), is_time(column("year"), np.array([1.0, 4e4]))
    (True, False)
    >>> is_time(column("order_date"), np.array([20240131.0])), is_time(column("price"), np.array([2024.0]))
    (True, False)
    """
    if column.kind == "datetime":
        return True
    if column.kind != "numeric" or not names_time(column.name):
        return False
    known = values[np.isfinite(values)]
    if not known.size or not np.array_equal(known, np.round(known)):
        return False
    words = {*_words(column.name)}
    return _dates(words, known) or (_itself(words) and _calendar(words, known))


def _words(column: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", column.lower())


def _itself(words: Collection[str]) -> bool:
    """Whether these words name a time and nothing that may be an amount."""
    return not _TIMES.isdisjoint(words) and _TIMES.union(_OF_EVENTS).issuperset(words)


def _dates(words: set[str], values: Floats) -> bool:
    """Whether all of these whole numbers of a column with such a name can be years or months (yyyymm), days
    (yyyymmdd), or times since 1970.
    """
    if words & {*_MONTHS, "year", "yr"} and not words & _DATES:
        return False
    if words & _DATES and (_within(values, *_YEARS) or _with_year(values, 12)):
        return True
    months, day = np.divmod(values, 100.0)
    if _with_year(months, 12) and _within(day, 1, 31):
        return True
    return any(_within(values / unit, *_EPOCH) for unit in (1.0, 1e3, 1e6, 1e9))


def _calendar(words: set[str], values: Floats) -> bool:
    """Whether all of these whole numbers can be the years, months, days and so on that a name says."""
    if words & {"year", "yr"} and _within(values, *_YEARS):
        return True
    return any(
        _within(values, *ends) or (unit in _MONTHS and _with_year(values, ends[1]))
        for unit, ends in _CALENDAR.items()
        if unit in words
    )


def _with_year(values: Floats, most: int) -> bool:
    """Whether all are a year and two digits behind it, from 1 to ``most``."""
    year, rest = np.divmod(values, 100.0)
    return _within(year, *_YEARS) and _within(rest, 1, most)


def _within(values: Floats, low: float, high: float) -> bool:
    return bool((values >= low).all() and (values <= high).all())


def splits_by_time(dataset: Dataset, name: str) -> bool:
    """Whether the column is a time whose values in serve all lie at or after the end of train; the target
    never is.
    """
    column, roles = dataset[name], dataset.roles
    if column.kind not in ("numeric", "datetime") or name == roles.target:
        return False
    if name != roles.time and column.kind == "numeric" and not names_time(name):
        return False  # without a look at its values
    values, serve = numbers(column, dataset.table([name]).column(0)), dataset.part_mask("serve")
    there = np.isfinite(values)
    train, other = values[there & ~serve], values[there & serve]
    follows = train.size and other.size and other.min() >= train.max()
    return bool(follows and (name == roles.time or is_time(column, values)))


def _names_part(dataset: Dataset, name: str) -> bool:
    """Whether the column has one value in train and another in serve; the target never has."""
    if name == dataset.roles.target:
        return False
    values = dataset.table([name]).column(0)
    (codes, _), serve = level_codes(values), dataset.part_mask("serve")
    parts = [np.unique(codes[(codes >= 0) & part]) for part in (~serve, serve)]
    return all(one.size == 1 for one in parts) and parts[0][0] != parts[1][0]
