"""A set of rows, kept as sorted ranges: small when rows lie together, and JSON as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
_FEW = 64  # ranges that are written one by one
_THIN = 8  # rows to each range, or to each member, from which rows are not gone through one by one


class RowSet:
    """An immutable set of row ids (0-based positions in the source).

    >>> rows = RowSet([7, 3, 4, 5])
    >>> rows, len(rows), rows.ids.tolist(), rows.to_json()
    (RowSet(4 rows: 3-5, 7), 4, [3, 4, 5, 7], [[3, 6], [7, 8]])
    >>> (rows | RowSet([6])).to_json(), (rows - RowSet([4])).ids.tolist(), 4 in rows
    ([[3, 8]], [3, 5, 7], True)
    """

    __slots__ = ("_count", "_hash", "_starts", "_stops")

    def __init__(self, ids: ArrayLike | Iterable[int] = ()) -> None:
        values = np.asarray(
            list(ids) if isinstance(ids, Iterator | range | set | frozenset) else ids, dtype=np.int64
        ).ravel()
        if not (values[1:] > values[:-1]).all():
            values = np.unique(values)
        if values.size and values[0] < 0:
            raise ValueError(f"Row ids start at 0; got {values[0]}.")
        breaks = np.flatnonzero(np.diff(values) != 1) + 1
        edges = np.concatenate([[0], breaks, [values.size]]) if values.size else np.zeros(1, np.int64)
        self._set(values[edges[:-1]], values[edges[1:] - 1] + 1)

    def _set(self, starts: Ids, stops: Ids) -> None:
        starts.flags.writeable = False
        stops.flags.writeable = False
        self._starts, self._stops, self._count = starts, stops, int((stops - starts).sum())
        self._hash: int | None = None  # worked out once: long histories of decisions are looked up by it

    @classmethod
    def from_mask(cls, mask: NDArray[np.bool_], first: int = 0) -> RowSet:
        """The rows at which ``mask`` is true; position 0 of the mask is row ``first``."""
        rows = cls.__new__(cls)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]))) + first
        rows._set(edges[::2].astype(np.int64), edges[1::2].astype(np.int64))
        return rows

    @classmethod
    def from_json(cls, ranges: Sequence[Sequence[int]]) -> RowSet:
        """The set written by `to_json`: half-open ranges, in any order."""
        rows = cls()
        if len(ranges):
            pairs = np.asarray(ranges).reshape(-1, 2)
            if pairs.dtype.kind != "i":
                raise ValueError("Row ranges must be whole numbers below 2**63.")
            pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
            if (
                (pairs[:, 0] < 0).any()
                or (pairs[:, 1] <= pairs[:, 0]).any()
                or (pairs[1:, 0] < pairs[:-1, 1]).any()
            ):
                raise ValueError("Row ranges must be [first, past-last] pairs that do not overlap.")
            rows._set(pairs[:, 0].copy(), pairs[:, 1].copy())
        return rows

    @property
    def stop(self) -> int:
        """One past the largest row id; 0 where there is none."""
        return int(self._stops[-1]) if self._count else 0

    @property
    def runs(self) -> int:
        """How many ranges it is kept as."""
        return int(self._starts.size)

    @property
    def ids(self) -> Ids:
        """The row ids, ascending, int64."""
        lengths = self._stops - self._starts
        if not lengths.size:
            return np.zeros(0, np.int64)
        steps = np.repeat(self._starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        return np.asarray(steps + np.arange(self._count, dtype=np.int64), dtype=np.int64)

    def first(self, number: int) -> list[int]:
        """The first so many row ids, ascending, or all of fewer.

        >>> RowSet([7, 3, 4]).first(2), RowSet(range(4)).first(9)
        ([3, 4], [0, 1, 2, 3])
        """
        runs = map(range, self._starts[:number].tolist(), self._stops[:number].tolist())
        return [*islice(chain.from_iterable(runs), number)]

    def mask(self, rows: int) -> NDArray[np.bool_]:
        """A boolean array of length ``rows`` that is true at the members. Members beyond it raise
        ValueError.
        """
        if self._count and self._stops[-1] > rows:
            raise ValueError(f"Row {self._stops[-1] - 1} lies beyond the last row, {rows - 1}.")
        if self.runs <= _FEW or self._count * _THIN <= rows:
            mask = np.zeros(rows, np.bool_)
            if self.runs <= _FEW:
                for first, past in zip(self._starts.tolist(), self._stops.tolist(), strict=True):
                    mask[first:past] = True
            else:
                mask[self.ids] = True
            return mask
        steps = np.zeros(rows + 1, np.int8)
        steps[self._starts] += 1
        steps[self._stops] -= 1
        return np.cumsum(steps[:rows], dtype=np.int8).astype(bool)

    def to_json(self) -> list[list[int]]:
        """Half-open ranges ``[first, past-last]``, ascending."""
        return np.stack([self._starts, self._stops], axis=1).tolist() if self._count else []

    def _span(self, other: RowSet) -> int:
        return int(max(self._stops[-1] if self._count else 0, other._stops[-1] if other._count else 0))

    def _with(self, other: RowSet, both: Callable[[Mask, Mask], Mask]) -> RowSet:
        """The rows of which ``both`` says so, by whether they are in each; a row in neither is none of them.
        Where ranges are few, between their ends every row is like the next.
        """
        span = self._span(other)
        if (self.runs + other.runs) * _THIN > span:
            return RowSet.from_mask(both(self.mask(span), other.mask(span)))
        ends = np.unique(np.concatenate([self._starts, self._stops, other._starts, other._stops]))
        edges = np.flatnonzero(np.diff(both(self._hold(ends), other._hold(ends)), prepend=False))
        rows = RowSet.__new__(RowSet)
        rows._set(ends[edges[::2]], ends[edges[1::2]])
        return rows

    def _hold(self, rows: Ids) -> Mask:
        """Which of these rows are members."""
        if not self._count:
            return np.zeros(rows.size, np.bool_)
        place = np.searchsorted(self._starts, rows, side="right") - 1
        return (place >= 0) & (rows < self._stops[place])

    def __or__(self, other: RowSet) -> RowSet:
        return self._with(other, np.logical_or)

    def __and__(self, other: RowSet) -> RowSet:
        return self._with(other, np.logical_and)

    def __sub__(self, other: RowSet) -> RowSet:
        return self._with(other, np.greater)

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, (int, np.integer)):
            return False
        place = int(np.searchsorted(self._starts, row, side="right")) - 1
        return place >= 0 and bool(row < self._stops[place])

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSet):
            return NotImplemented
        mine, theirs = self._merged(), other._merged()
        return np.array_equal(mine[0], theirs[0]) and np.array_equal(mine[1], theirs[1])

    def _merged(self) -> tuple[Ids, Ids]:
        """Ranges with those that touch joined, so that equality does not depend on how they were written."""
        apart = self._starts[1:] != self._stops[:-1]
        return self._starts[np.concatenate([[True], apart])[: self._starts.size]], self._stops[
            np.concatenate([apart, [True]])[: self._stops.size]
        ]

    def __hash__(self) -> int:
        if self._hash is None:
            starts, stops = self._merged()
            self._hash = hash((starts.tobytes(), stops.tobytes()))
        return self._hash

    def __repr__(self) -> str:
        shown = [
            str(a) if b == a + 1 else f"{a}-{b - 1}"
            for a, b in zip(self._starts[:5], self._stops[:5], strict=True)
        ]
        more = ", …" if self._starts.size > 5 else ""
        return f"RowSet({self._count} rows: {', '.join(shown)}{more})" if self._count else "RowSet(0 rows)"

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (RowSet.from_json, (self.to_json(),))
