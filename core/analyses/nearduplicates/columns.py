"""What is compared of each column: how rare a value is, and how near two values are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.letters import Bits, dice, letter_pairs, unlike
from core.dataset import Dataset
from core.numerics.rowhash import Hashes, hash_column
from core.prepare.features import floats
from core.prepare.levels import encoded
from core.prepare.spelling import spelling
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pyarrow as pa

Ids = NDArray[np.int64]
Codes = NDArray[np.int32]
SLIP = 3.0  # bits against a pair for a column in which it differs
_GAP = 2.0  # what a value beside a missing one costs, in bits
_SPREAD = 4.0  # robust standard deviations beyond which numbers are far from each other
_DIGITS = 4  # digits from which a whole number may be mistyped
_TABLE = 400  # levels up to which all pairs of them are compared beforehand


@dataclass(frozen=True, eq=False)
class LevelWeights:
    """What is known of the levels of a column.

    bits: float32, of each the evidence in agreeing on it: log2 of one over its share. signs: its letter
    pairs, and floor: how alike different ones are; None and 1 where they are not compared letter by letter.
    words: a hash of each. alike: float32, levels x levels: how alike any two are, 0 to 1, where they are few.
    """

    bits: Bits
    words: Hashes
    signs: Hashes | None
    floor: float
    alike: Bits | None

    def likeness(self, one: Codes, other: Codes) -> Bits:
        """0 for texts as unlike as different ones are, up to 1; for pairs of levels."""
        if self.alike is not None:
            return np.asarray(self.alike[one, other], np.float32)
        alike = (one == other).astype(np.float32)
        if self.signs is not None:
            at = np.flatnonzero((one != other) & (one >= 0) & (other >= 0))
            near = dice(self.signs[one[at]], self.signs[other[at]])
            alike[at] = np.maximum(0.0, (near - self.floor) / (1.0 - self.floor + 1e-9))
        return np.asarray(alike, np.float32)


_NONE_KNOWN = LevelWeights(np.zeros(0, np.float32), np.zeros(0, np.uint64), None, 1.0, None)


@dataclass(frozen=True, eq=False)
class ComparedColumn:
    """One column of n rows. levels: of values that have an order only where they are compared letter by
    letter, too.

    codes: int32, n: the level of each row, -1 for missing; values that differ in spelling only share one.
    bits: float32, n: that of the row's level. mean: of all rows. rank: int32, 2 x n: the share of rows with
    smaller, and with smaller or equal values, as numbers of rows; value: float32, n: by its scale; None where
    values have no order. size: rows of the whole column.
    """

    name: str
    levels: LevelWeights
    codes: Codes
    bits: Bits
    mean: float
    size: int
    rank: NDArray[np.int32] | None
    value: Bits | None

    def at(self, rows: Any) -> ComparedColumn:
        """The same for some rows: ids, or a slice."""
        rank = None if self.rank is None else _part(self.rank, rows)
        value = None if self.value is None else _part(self.value, rows)
        return replace(
            self, codes=_part(self.codes, rows), bits=_part(self.bits, rows), rank=rank, value=value
        )


def _part(values: Any, rows: Any) -> Any:
    """Along the last axis; of ids by `numpy.take`, which is several times as fast as an index."""
    return values[..., rows] if isinstance(rows, slice) else values.take(rows, axis=-1)


def evidence(one: ComparedColumn, other: ComparedColumn) -> Bits:
    """For each pair of rows the bits for (above 0) or against (below 0) their being copies."""
    full = np.minimum(one.bits, other.bits)
    if one.rank is None:
        alike = one.levels.likeness(one.codes, other.codes)
        return np.where(alike > 0, full * alike, -np.minimum(full, np.float32(SLIP)))
    near = np.minimum(full, -np.log2(_apart(one, other)))
    if one.levels.signs is not None:
        near = np.maximum(near, full * one.levels.likeness(one.codes, other.codes))
    return np.where(one.codes == other.codes, full, near)


def loss(one: ComparedColumn, other: ComparedColumn) -> Bits:
    """For each pair of rows how far apart they are, in bits: 0 where they agree."""
    full = np.minimum(one.bits, other.bits)
    alike = (
        one.levels.likeness(one.codes, other.codes)
        if one.rank is None or one.levels.signs is not None
        else (one.codes == other.codes).astype(np.float32)
    )
    far = (np.float32(1.0) - alike) * (full + np.minimum(full, np.float32(SLIP)))
    if one.rank is not None:
        assert one.value is not None and other.value is not None
        away = np.minimum(np.abs(one.value - other.value) * np.float32(1.0 / _SPREAD), np.float32(1.0))
        far = np.minimum(far, np.float32(one.mean) * away)
    missing = (one.codes < 0).astype(np.int8) + (other.codes < 0)
    return np.where(missing == 0, far, np.where(missing == 1, np.float32(_GAP), np.float32(0.0)))


def _apart(one: ComparedColumn, other: ComparedColumn) -> Bits:
    """The share of rows that are as near, by rank or by value, whichever is more: 0 to 1."""
    assert (
        one.rank is not None and other.rank is not None and one.value is not None and other.value is not None
    )
    between = np.maximum(one.rank[1], other.rank[1]) - np.minimum(one.rank[0], other.rank[0])
    share = between.astype(np.float32) * np.float32(2.0 / one.size)
    far = np.abs(one.value - other.value) * np.float32(1.0 / _SPREAD)
    return np.asarray(np.clip(np.fmax(share, far), 0.5 / one.size, 1.0), np.float32)


def columns_of(dataset: Dataset, names: Sequence[str], rows: Ids) -> list[ComparedColumn]:
    """The columns called ``names`` that vary, of the rows ``rows``."""
    made = LocalThreads().map(lambda name: _column(dataset, name, rows), names)
    return [column for column in made if column.bits.any()]


def _column(dataset: Dataset, name: str, rows: Ids) -> ComparedColumn:
    values = dataset.table([name]).column(0).take(rows)
    stored = dataset[name].stored
    codes, levels = encoded(values)
    if stored in ("string", "bool"):
        return _coded(name, codes, levels, stored == "string")
    plain = _coded(name, codes, levels, stored in ("int64", "uint64") and _digits(levels) >= _DIGITS)
    rank, value = _ranks(floats(values))
    present = np.where(np.isnan(value), np.int32(-1), plain.codes)
    levels = _NONE_KNOWN if plain.levels.signs is None else plain.levels  # as many as rows, and not asked for
    return replace(plain, levels=levels, rank=rank, value=value, codes=present)


def _digits(levels: pa.Array) -> int:
    """The digits of the median of whole numbers."""
    numbers = np.abs(np.asarray(levels.to_numpy(zero_copy_only=False), np.float64))
    return len(str(int(np.median(numbers)))) if numbers.size else 0


def _coded(name: str, codes: Ids, levels: pa.Array, letters: bool) -> ComparedColumn:
    """A column of levels: texts that are one but for their spelling are one of them."""
    import pyarrow as pa

    words = hash_column(levels)
    texts: list[str] = []
    if letters:
        folded = [spelling(str(level)) for level in levels.to_pylist()]
        once: dict[str, int] = {}
        place = np.array([*(once.setdefault(text, len(once)) for text in folded), -1], np.int64)
        texts, codes = list(once), place[codes]
        codes = np.where(codes == once.get("", -1), -1, codes)  # blanks alone are no value
        words = hash_column(pa.array(texts, pa.large_string()))
    order = np.argsort(words, kind="stable")  # whatever order the rows came in
    place = np.append(np.argsort(order), -1)
    texts, words, codes = [texts[at] for at in order] if texts else [], words[order], place[codes]
    counts = np.bincount(codes[codes >= 0], minlength=max(1, len(words)))
    bits = np.log2(codes.size / np.maximum(counts, 1)).astype(np.float32)
    signs = letter_pairs(texts) if letters and len(texts) > 2 else None
    floor = 1.0 if signs is None else unlike(signs, codes, words)
    known = LevelWeights(bits, words, signs, floor, None)
    if len(words) <= _TABLE:
        known = replace(known, alike=_every(known, len(words)))
    own = np.where(codes < 0, np.float32(0.0), bits[codes])
    mean = float(own.mean()) if own.size else 0.0
    return ComparedColumn(
        name=name,
        levels=known,
        codes=codes.astype(np.int32),
        bits=own,
        mean=mean,
        size=codes.size,
        rank=None,
        value=None,
    )


def _every(levels: LevelWeights, number: int) -> Bits:
    """How alike any two levels are; the last row and column are those of a missing value."""
    one, other = np.indices((number, number), np.int32).reshape(2, -1)
    alike = np.zeros((number + 1, number + 1), np.float32)
    alike[:number, :number] = levels.likeness(one, other).reshape(number, number)
    return alike


def _ranks(values: NDArray[np.float64]) -> tuple[NDArray[np.int32], Bits]:
    """Rows with smaller values and with smaller or equal ones, 2 x n; the values by their robust scale."""
    known = np.sort(values[~np.isnan(values)])
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    above = np.cumsum(counts)
    rank = np.minimum(np.stack([(above - counts)[place], above[place]]), known.size).astype(np.int32)
    if not known.size:
        return rank, values.astype(np.float32)
    quarter, middle, upper = np.percentile(known, [25, 50, 75])
    scale = (upper - quarter) / 1.349 or float(known.std()) or 1.0
    return rank, ((values - middle) / scale).astype(np.float32)
