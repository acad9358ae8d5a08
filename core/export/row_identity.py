"""What a decided row is known by in another file: its id, where there is one, and its content; never its
place.

A recipe holds, for each row that a decision names one by one, a digest of its values as they were loaded, its
id, and which of how many equal rows it is. On other data, a row is the same where the id is the same and no
value has changed since; without ids, where all values are the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import Decision
from core.errors import RecipeError
from core.numerics.rowhash import hash_column, mix
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 100_000  # rows whose identity a recipe holds
EXACT = 2**53  # whole numbers below are the same number as a float


@dataclass(frozen=True)
class Identity:
    """What the decided rows of a recipe are known by.

    columns: those that the digests are of.
    id: the column of ids, "" where there is none that tells rows apart.
    rows: row -> (digest, which of the equal rows it is, how many equal rows there are, its id).
    """

    columns: tuple[str, ...] = ()
    id: str = ""
    rows: Mapping[int, tuple[str, int, int, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        rows = {str(row): list(known) for row, known in self.rows.items()}
        return {"columns": list(self.columns), "id": self.id, "rows": rows}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Identity:
        """What `to_json` wrote. Raises `RecipeError`."""
        try:
            rows = {
                int(row): (str(digest), int(which), int(copies), str(own))
                for row, (digest, which, copies, own) in plain["rows"].items()
            }
            return cls(tuple(map(str, plain["columns"])), str(plain["id"]), rows)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecipeError(f"The recipe is damaged: what its rows are known by ({error}).") from error


@dataclass(frozen=True)
class Carried:
    """Where the decided rows of a recipe are in other data.

    rows: old row -> new row.
    changed: old rows whose id is there, but whose values have changed since.
    ambiguous: old rows of which there are now more or fewer equal ones.
    absent: old rows that are not there.
    """

    rows: Mapping[int, int]
    changed: RowSet
    ambiguous: RowSet
    absent: RowSet


def decided_rows(decisions: Sequence[Decision]) -> RowSet:
    """The rows that decisions name one by one, and those that added rows come from."""
    union = RowSet()
    for decision in decisions:
        if isinstance(decision.rows, RowSet) and decision.kind.on in ("rows", "cells", "values"):
            union = union | decision.rows
        if parents := decision.settings.get("parents"):
            union = union | RowSet([row for some in parents for row in some])
    return union


def identity(
    dataset: Dataset, decisions: Sequence[Decision], shared: Collection[str] | None = None
) -> Identity:
    """What the rows that the decisions name are known by; nothing where they name none, or too many.

    shared: the columns that the other data have too, where that is known; all by default.
    """
    rows = decided_rows(decisions).ids
    rows = rows[rows < dataset.rows]  # those that steps add are not in other data
    columns = tuple(sorted(name for name in dataset.names if shared is None or name in shared))
    if not rows.size or rows.size > MOST or not columns:
        return Identity()
    digests = _digests(dataset, {name: name for name in columns})
    which, copies = _numbered(digests)
    ids = _ids(dataset, dataset.roles.id if dataset.roles.id in columns else None)
    return Identity(
        columns,
        dataset.roles.id or "" if ids is not None else "",
        {
            int(row): (
                f"{digests[row]:016x}",
                int(which[row]),
                int(copies[row]),
                "" if ids is None else str(ids[row].as_py()),
            )
            for row in rows.tolist()
        },
    )


def carried(known: Identity, dataset: Dataset, names: Mapping[str, str]) -> Carried:
    """Where the rows are in ``dataset``.

    names: column of the recipe -> what it is called in ``dataset``, where that is another name.
    """
    everything = RowSet(list(known.rows))
    columns = {column: names.get(column, column) for column in known.columns}
    if not known.rows or not set(columns.values()) <= set(dataset.names):
        return Carried({}, RowSet(), RowSet(), everything)
    digests = _digests(dataset, columns)
    ids = _ids(dataset, names.get(known.id, known.id)) if known.id else None
    if ids is not None:
        return _by_id(known, digests, ids)
    return _by_content(known, digests)


def _by_id(known: Identity, digests: NDArray[np.uint64], ids: pa.ChunkedArray) -> Carried:
    place = {str(value): row for row, value in enumerate(ids.to_pylist())}
    rows, changed, absent = {}, [], []
    for row, (digest, _, _, own) in known.rows.items():
        there = place.get(own)
        if there is None:
            absent.append(row)
        elif f"{digests[there]:016x}" != digest:
            changed.append(row)
        else:
            rows[row] = there
    return Carried(rows, RowSet(changed), RowSet(), RowSet(absent))


def _by_content(known: Identity, digests: NDArray[np.uint64]) -> Carried:
    order = np.argsort(digests, kind="stable")
    ranked = digests[order]
    rows, ambiguous, absent = {}, [], []
    for row, (digest, which, copies, _) in known.rows.items():
        value = np.uint64(int(digest, 16))
        low, high = np.searchsorted(ranked, value), np.searchsorted(ranked, value, side="right")
        if low == high:
            absent.append(row)
            continue
        if high - low != copies:
            ambiguous.append(row)
        if which < high - low:
            rows[row] = int(order[low + which])
    return Carried(rows, RowSet(), RowSet(ambiguous), RowSet(absent))


def _digests(dataset: Dataset, columns: Mapping[str, str]) -> NDArray[np.uint64]:
    """One digest per row over the columns, in the order of the names that the recipe has for them."""
    digests = np.zeros(dataset.rows, np.uint64)
    for name in sorted(columns):
        values = dataset.table([columns[name]]).column(0)
        digests = mix(digests ^ hash_column(_as_floats(values)))
    return digests


def _as_floats(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers as floats, where that loses nothing: a column with a gap is read as floats elsewhere."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_integer(values.type):
        return values
    span = pc.min_max(values).as_py()
    within = all(bound is None or abs(bound) < EXACT for bound in span.values())
    return values.cast(pa.float64()) if within else values


def _numbered(digests: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per row which of the equal rows it is, from 0, and how many there are."""
    order = np.argsort(digests, kind="stable")
    ranked = digests[order]
    place = np.arange(ranked.size)
    first = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: ranked.size]
    start = np.maximum.accumulate(np.where(first, place, 0))
    sizes = np.bincount(np.cumsum(first) - 1)
    which, copies = np.empty(ranked.size, np.int64), np.empty(ranked.size, np.int64)
    which[order] = place - start
    copies[order] = sizes[np.cumsum(first) - 1]
    return which, copies


def _ids(dataset: Dataset, column: str | None) -> pa.ChunkedArray | None:
    """The ids as values; None where there are none, or where they do not tell all rows apart."""
    import pyarrow.compute as pc

    if column is None or column not in dataset.names:
        return None
    values = dataset.table([column]).column(0)
    unique = pc.count_distinct(values, mode="only_valid").as_py() == dataset.rows
    return values if unique else None
