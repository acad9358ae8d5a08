"""Rows as numbers by scales and levels that were learned once and stay: the same row gives the same numbers,
to the last bit, in whatever file or batch it comes.

Unlike `core.prepare.encoding`, which learns from a data set at hand, this encoder is plain JSON and reads any
Arrow table with the same columns, so that parts of a data set, later files and edited rows all meet the same
scale. What a kind becomes:

- numeric, datetime, text (its length): centred on the median over the robust spread, within 16,384 spreads; a
  missing value takes the median and, where the sample had gaps, sets an indicator column;
- category, boolean: one column per level for the 30 most frequent ones, the first one left out as the base;
- directions of vectors (`core.prepare.directions`): centred on their median, over one spread for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import Column
from core.numerics.exact_product import on_grid
from core.numerics.scaling import centre_and_spread
from core.prepare.directions import are_directions
from core.prepare.levels import missing_label

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
LEVELS = 30
_AT_ONCE = 16_384  # rows whose numbers fit the processor's cache


@dataclass(frozen=True)
class NumberScale:
    """A column of numbers: ``centre`` and ``spread``; ``gaps``: whether missing has a column of its own."""

    name: str
    centre: float
    spread: float
    gaps: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """What each matrix column says."""
        return (self.name, f"{self.name} is missing") if self.gaps else (self.name,)

    def fill(self, column: pa.Array, out: Floats) -> None:
        """Write the numbers of one column into ``out``, one row per label."""
        values = plain_numbers(column)
        missing = np.isnan(values)
        with np.errstate(over="ignore", invalid="ignore"):
            np.subtract(values, self.centre, out=values)
            np.divide(values, self.spread, out=out[0])
        if missing.any():
            out[0, missing] = 0.0
        if self.gaps:
            out[1] = missing


@dataclass(frozen=True)
class LevelCodes:
    """A column of levels: those with a matrix column of their own. ``base``: the one that has none."""

    name: str
    base: str
    levels: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What each matrix column says."""
        return tuple(f"{self.name} = {level}" for level in self.levels)

    def fill(self, column: pa.Array, out: Floats) -> None:
        """Write the indicators of one column into ``out``, one row per label; a level never seen has none."""
        coded = column.dictionary_encode()
        texts = [str(level) for level in coded.dictionary.to_pylist()]
        place = {level: at for at, level in enumerate(self.levels)}
        known = np.array([place.get(text, -1) for text in texts] + [place.get(missing_label(()), -1)])
        level = known[np.asarray(coded.indices.fill_null(len(texts)), dtype=np.int64)]
        out[:] = 0.0
        there = np.flatnonzero(level >= 0)
        out[level[there], there] = 1.0


def plain_numbers(column: pa.Array) -> Floats:
    """A column as float64: times in microseconds since 1970, texts by their length; missing and infinite
    values as NaN.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_length(column)
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_floating(column.type) and not column.null_count:
        values = np.array(column, dtype=np.float64)
    else:
        values = np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    infinite = np.isinf(values)
    if infinite.any():
        values[infinite] = np.nan
    return values


@dataclass(frozen=True)
class Encoder:
    """The columns, in their order. Learned by `learned`."""

    columns: tuple[NumberScale | LevelCodes, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the data that it reads."""
        return tuple(column.name for column in self.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """What each matrix column says."""
        return tuple(label for column in self.columns for label in column.labels)

    def encode(self, table: pa.Table | pa.RecordBatch) -> Floats:
        """The rows of a table, p x n, on the grid of `core.numerics.exact_product`."""
        return self._filled(table, on_grid)

    def exact(self, table: pa.Table | pa.RecordBatch) -> Floats:
        """The same, neither rounded nor cut off: for sums that are to be exact, not for scores."""
        return self._filled(table, lambda values: values)

    def _filled(self, table: pa.Table | pa.RecordBatch, finish: Callable[[Floats], Floats]) -> Floats:
        rows, width = table.num_rows, len(self.labels)
        matrix = np.empty((width, rows))
        first = 0
        for column in self.columns:
            past = first + len(column.labels)
            values = table.column(column.name)
            values = values.combine_chunks() if hasattr(values, "combine_chunks") else values
            for start in range(0, rows, _AT_ONCE):
                some = matrix[first:past, start : start + _AT_ONCE]
                column.fill(values.slice(start, _AT_ONCE), some)
                finish(some)
            first = past
        return matrix

    def to_json(self) -> list[dict[str, Any]]:
        """Plain JSON."""
        return [
            {"name": c.name, "centre": c.centre, "spread": c.spread, "gaps": c.gaps}
            if isinstance(c, NumberScale)
            else {"name": c.name, "base": c.base, "levels": list(c.levels)}
            for c in self.columns
        ]

    @classmethod
    def from_json(cls, plain: Sequence[Mapping[str, Any]]) -> Encoder:
        """What `to_json` wrote."""
        return cls(
            tuple(
                LevelCodes(str(c["name"]), str(c["base"]), tuple(map(str, c["levels"])))
                if "levels" in c
                else NumberScale(str(c["name"]), float(c["centre"]), float(c["spread"]), bool(c["gaps"]))
                for c in plain
            )
        )


def learned(columns: Sequence[Column], table: pa.Table, weights: Floats) -> Encoder:
    """Scales and levels from a sample of the rows, each of which stands for ``weights`` rows. Columns that do
    not vary in it are left out.
    """
    made = [_learned(column, table.column(column.name).combine_chunks(), weights) for column in columns]
    return Encoder(_at_one_spread([one for one in made if one is not None]))


def _at_one_spread(columns: Sequence[NumberScale | LevelCodes]) -> tuple[NumberScale | LevelCodes, ...]:
    """The columns, those of vectors over the root of their mean squared spread: one unit in every
    direction.
    """
    along = [one for one in columns if isinstance(one, NumberScale) and are_directions([one.name])]
    spread = float(np.sqrt(np.mean([one.spread**2 for one in along]))) if along else 1.0
    return tuple(replace(one, spread=spread) if one in along else one for one in columns)


def _learned(column: Column, values: pa.Array, weights: Floats) -> NumberScale | LevelCodes | None:
    if column.kind in ("category", "boolean"):
        return _levels(column.name, values, weights)
    numbers = plain_numbers(values)
    known = ~np.isnan(numbers)
    gaps = bool(known.any() and not known.all())
    if not known.any():
        return None
    repeats = np.maximum(1, np.rint(weights[known] / weights.min())).astype(np.int64)
    some = np.repeat(numbers[known], np.minimum(repeats, 1_000))
    centre, spread = centre_and_spread(some)
    if not np.isfinite(spread) or spread <= 0.0:
        return NumberScale(column.name, centre, 1.0, True) if gaps else None
    return NumberScale(column.name, centre, spread, gaps)


def _levels(name: str, values: pa.Array, weights: Floats) -> LevelCodes | None:
    coded = values.dictionary_encode()
    texts = [*(str(level) for level in coded.dictionary.to_pylist()), missing_label(())]
    codes = np.asarray(coded.indices.fill_null(len(texts) - 1), dtype=np.int64)
    mass = np.bincount(codes, weights=weights, minlength=len(texts))
    order = sorted(np.flatnonzero(mass).tolist(), key=lambda at: (-mass[at], texts[at]))
    names = list(dict.fromkeys(texts[at] for at in order))  # a level may be called like the missing one
    return LevelCodes(name, names[0], tuple(names[1 : LEVELS + 1])) if len(names) > 1 else None
