"""A column before and after a step, as counts: a histogram of numbers and dates, the commonest values
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import Kind
from core.dataset.split import Part
from core.prepare.lacked import parts_lacking
from core.steps.floats import as_numbers
from core.steps.settling import Work
from core.steps.trial import StepTrial

if TYPE_CHECKING:
    import pyarrow as pa

BINS = 30
LEVELS = 10
FEW = 12  # numbers with no more values than this are drawn as values
RARE = 0.01  # share of the rows below which no text is common: their lengths are drawn then
ALIKE = 0.5  # share of the joint range that two ranges must have in common to be drawn on one


@dataclass(frozen=True, eq=False)
class ColumnPicture:
    """One column at one moment.

    kind: of the column; "" where there was none.
    edges, counts: of the histogram; no edges where values are counted.
    levels: the values that are counted, as text; the same on both sides.
    others: rows with any other value.
    missing, rows: without a value, and all.
    lengths: whether the histogram is of the lengths of texts in characters, as hardly one of them repeats.
    lacking, without: the rows of a part that does not have the column, which part that is: no gaps, but rows.
    """

    kind: Kind | str = ""
    edges: NDArray[np.float64] | None = None
    levels: tuple[str, ...] = ()
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    others: int = 0
    missing: int = 0
    rows: int = 0
    lengths: bool = False
    lacking: int = 0
    without: Part | str = ""

    @property
    def there(self) -> bool:
        """Whether the column is there."""
        return bool(self.kind)


def picture(
    trial: StepTrial, column: str, among: NDArray[np.bool_] | None = None
) -> tuple[ColumnPicture, ColumnPicture]:
    """A column before and after a step, in the rows that are left each time. column: its name now, or that of
    one that is gone. among: per row after the step whether it is looked at; None: all are.

    Values are those that changed most, then the commonest: at most `LEVELS`; of texts that hardly repeat the
    lengths; two histograms share their edges where the ranges are alike.
    """
    old = trial.former.get(column, column if column in trial.removed else "")
    moments = (trial.before, old), (trial.after, column if column not in trial.removed else "")
    before, after = _drawn([_taken(*moment, among) for moment in moments])
    return _parted(before, *moments[0], among), _parted(after, *moments[1], among)


def _parted(side: ColumnPicture, work: Work, column: str, among: NDArray[np.bool_] | None) -> ColumnPicture:
    """Rows whose part does not have the column have no gap there: they are told apart."""
    if not side.missing or not work.dataset.loading:
        return side
    source = next((one.source for one in work.contents if one.column.name == column), column)
    for part in parts_lacking(work.dataset, [source]).values():
        rows = np.zeros(work.rows, bool)
        rows[: work.dataset.rows] = work.dataset.part_mask(part)
        empty = work.data.table([column]).column(0).is_null().to_numpy()
        if empty[rows].all():  # else a step filled it there, and what it left is missing
            looked_at = work.kept if among is None else work.kept & among[: work.rows]
            lacking = int((rows & looked_at).sum())
            return replace(side, missing=side.missing - lacking, lacking=lacking, without=part)
    return side


def _drawn(sides: list[tuple[str, pa.Array | None]]) -> tuple[ColumnPicture, ColumnPicture]:
    """Both moments, by the kind and the values of each."""
    drawn = [_binned(kind, values) for kind, values in sides]
    if all(wide is not None for wide, (kind, _) in zip(drawn, sides, strict=True) if kind) and any(drawn):
        edges = _edges([wide for wide in drawn if wide is not None])
        ends = iter(edges)
        pairs = [
            (side, next(ends) if wide is not None else None) for side, wide in zip(sides, drawn, strict=True)
        ]
        before, after = (_histogram(kind, values, edge) for (kind, values), edge in pairs)
        return before, after
    levels = [
        (_histogram(kind, values, _edges([wide])[0]), _counted(None))
        if wide is not None
        else (None, _counted(values))
        for (kind, values), wide in zip(sides, drawn, strict=True)
    ]
    if _hardly_repeat([counts for _, counts in levels]):
        texts = [values is not None and wide is None for (_, values), wide in zip(sides, drawn, strict=True)]
        measured = _drawn(
            [_measured(*side) if text else side for side, text in zip(sides, texts, strict=True)]
        )
        before, after = (
            _of_lengths(side) if text else side for side, text in zip(measured, texts, strict=True)
        )
        return before, after
    shown = _shown(*(counts for _, counts in levels))
    before, after = (
        histogram or _levels(kind, values, counts, shown)
        for (kind, values), (histogram, counts) in zip(sides, levels, strict=True)
    )
    return before, after


def _hardly_repeat(counted: list[Counts]) -> bool:
    """Whether these are texts of which hardly one is in two rows: bars of one row each would say nothing."""
    each = [counts for counts in counted if len(counts.texts)]
    return any(len(counts.texts) > LEVELS for counts in each) and all(
        counts.written and counts.rows.max() < max(2, RARE * counts.rows.sum()) for counts in each
    )


def _of_lengths(side: ColumnPicture) -> ColumnPicture:
    """A picture of lengths, as such; few of them in their order."""
    order = np.argsort([int(level) for level in side.levels]).tolist()
    levels = tuple(side.levels[at] for at in order)
    return replace(side, lengths=True, levels=levels, counts=side.counts[order] if levels else side.counts)


def _measured(kind: str, values: pa.Array | None) -> tuple[str, pa.Array | None]:
    """Texts by their length in characters."""
    import pyarrow.compute as pc

    return kind, None if values is None else pc.utf8_length(values)


def _taken(work: Work, column: str, among: NDArray[np.bool_] | None) -> tuple[str, pa.Array | None]:
    """The kind and the values of a column in the rows that are left, of those ``among`` (None: of all)."""
    import pyarrow as pa

    if not column:
        return "", None
    values, kept = work.data.table([column]).column(0), work.kept
    if among is not None:
        values = values.take(pa.array(np.flatnonzero(kept & among[: kept.size])))
    elif not kept.all():
        values = values.filter(pa.array(kept))
    return work.data[column].kind, values.combine_chunks()


def _binned(kind: str, values: pa.Array | None) -> tuple[float, float] | None:
    """The range of what is drawn as a histogram; None where values are counted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if values is None or not (pa.types.is_timestamp(values.type) or pa.types.is_integer(values.type)
                              or pa.types.is_floating(values.type)):  # fmt: skip
        return None
    ends = pc.min_max(values).as_py()
    if ends["min"] is None:
        return None
    first = pc.unique(values.slice(0, 10_000)).drop_null()
    few = len(first) <= FEW and pc.count_distinct(values).as_py() <= FEW
    if few and not pa.types.is_timestamp(values.type):
        return None
    low, high = (as_numbers(pa.array([ends[end]], values.type))[0] for end in ("min", "max"))
    return float(low), float(high)


def _edges(ranges: list[tuple[float, float]]) -> list[NDArray[np.float64]]:
    """The edges of the bars for each of these ranges: the same where they are alike."""
    low, high = min(one[0] for one in ranges), max(one[1] for one in ranges)
    common = min(one[1] for one in ranges) - max(one[0] for one in ranges)
    if high > low and common >= ALIKE * (high - low):
        return [np.linspace(low, high, BINS + 1)] * len(ranges)
    return [np.linspace(a, b if b > a else a + 1.0, BINS + 1) for a, b in ranges]


def _histogram(kind: str, values: pa.Array | None, edges: NDArray[np.float64] | None) -> ColumnPicture:
    if values is None or edges is None:
        return ColumnPicture()
    numbers = as_numbers(values)
    there = numbers[~np.isnan(numbers)]
    counts = np.histogram(there, edges)[0].astype(np.int64)
    return ColumnPicture(kind, edges, counts=counts, missing=len(values) - there.size, rows=len(values))


class Counts(NamedTuple):
    """Different values as text, how many rows have each, and whether texts are what they are."""

    texts: pa.Array
    rows: NDArray[np.int64]
    written: bool = False


def _counted(values: pa.Array | None) -> Counts:
    import pyarrow as pa
    import pyarrow.compute as pc

    if values is None:
        return Counts(pa.array([], pa.string()), np.zeros(0, np.int64))
    found, rows = pc.value_counts(pc.drop_null(values)).flatten()
    written = pa.types.is_string(found.type) or pa.types.is_large_string(found.type)
    if not pa.types.is_string(found.type):
        found = pa.array([_text(value) for value in found.to_pylist()], pa.string())
    return _summed(found, rows.to_numpy())._replace(written=written)


def _summed(texts: pa.Array, rows: NDArray[np.int64]) -> Counts:
    coded = texts.dictionary_encode()
    places = coded.indices.to_numpy()
    return Counts(coded.dictionary, np.bincount(places, rows, len(coded.dictionary)).astype(np.int64))


def _text(value: Any) -> str:
    """The value as it is written on a bar.

    >>> _text(3.0), _text(True), _text("a")
    ('3', 'yes', 'a')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(before: Counts, after: Counts) -> tuple[str, ...]:
    """The values to draw: those that changed most, then the commonest, of equal ones the first in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pa.concat_arrays([before.texts, after.texts]).dictionary_encode()
    places, size = coded.indices.to_numpy(), len(coded.dictionary)
    was = np.bincount(places[: before.rows.size], before.rows, size)
    now = np.bincount(places[before.rows.size :], after.rows, size)
    rank = np.abs(now - was) * (was.sum() + now.sum() + 1) + was + now
    most = np.flatnonzero(rank >= np.partition(rank, -LEVELS)[-LEVELS]) if size > LEVELS else np.arange(size)
    table = pa.table({"rank": rank[most], "text": coded.dictionary.take(pa.array(most))})
    order = [("rank", "descending"), ("text", "ascending")]
    best = pc.select_k_unstable(table, min(LEVELS, len(table)), order) if len(table) else []
    return tuple(table["text"].take(best).to_pylist()) if len(table) else ()


def _levels(kind: str, values: pa.Array | None, counts: Counts, shown: tuple[str, ...]) -> ColumnPicture:
    import pyarrow as pa
    import pyarrow.compute as pc

    if values is None:
        return ColumnPicture()
    there = pc.index_in(pa.array(shown, pa.string()), value_set=counts.texts).to_pylist()
    drawn = np.array([0 if at is None else counts.rows[at] for at in there], np.int64)
    others = int(counts.rows.sum() - drawn.sum())
    return ColumnPicture(kind, None, shown, drawn, others, int(values.null_count), len(values))
