"""The file of dropped rows: they as they were, where each stood in the source, and why it was dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words
from core.finding_words import key_in_words
from core.loading.text import as_text
from core.rowset import RowSet
from core.settled import Content, Settled

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Block = list[list[Any]]
ROW, REASON = "source_row", "reason"
NO_REASON = "by hand, no reason given"


@dataclass(frozen=True, eq=False)
class Reasons:
    """Why rows were dropped.

    codes: int32, per row of the data set a place in ``texts``; -1 where nothing was said of the row.
    """

    codes: NDArray[np.int32]
    texts: tuple[str, ...]

    @classmethod
    def nothing(cls) -> Reasons:
        """No reasons, of no rows."""
        return cls(np.zeros(0, np.int32), ())

    def columns(self, numbers: NDArray[np.int64], text: bool) -> Block:
        """Positions in the source (0-based; behind it those of added rows) and reasons of these rows.

        text: the positions as text.
        """
        rows: list[Any] = numbers.tolist()
        reasons = [self.texts[code] if code >= 0 else "" for code in self.codes[numbers]]
        return [list(map(str, rows)) if text else rows, reasons]


def reasons(decisions: Sequence[Decision], settled: Settled, columns: Sequence[str]) -> Reasons:
    """Per row the decision that set its status last: its reason, else the finding behind it, else the rule
    that took the row; that none was given where a person dropped it by hand. columns: of the source.
    """
    codes = np.full(settled.status.size, -1, np.int32)
    texts: dict[str, int] = {}
    for place, decision in enumerate(decisions):
        if decision.kind.status:
            rows = settled.touched.get(place)
        else:
            effect = settled.effects.get(place) if decision.kind.on == "table" else None
            rows = effect.rows & settled.dropped if effect is not None else None
        if rows is not None and len(rows):
            codes[rows.ids] = texts.setdefault(decision.why or _cause(decision, columns), len(texts))
    return Reasons(codes, tuple(texts))


def as_they_were(dataset: Dataset, settled: Settled, one_type: bool) -> Settled:
    """The same rows dropped, with columns, cells and weights as they were, but for the columns left out. Rows
    that steps added have the cells that they have now, and their marks; of a column that is gone, what the
    row that they repeat has in the source.

    one_type: whether all values of a column are written with one type. Else those of the source are not in
    the columns (`core.export.layout.ExportLayout.untouched`).
    """
    sources = {one.column.name: one.source for one in settled.contents} or {n: n for n in dataset.names}
    omitted = tuple(sources[name] for name in settled.omitted if sources.get(name))
    if set(omitted) >= set(dataset.names):
        return settled
    return replace(
        settled,
        labels={},
        pending=None,
        weight=np.full(settled.weight.size, np.nan),
        omitted=omitted,
        contents=_before(dataset, settled, one_type) if len(settled.dropped & settled.new) else (),
    )


def _before(dataset: Dataset, settled: Settled, one_type: bool) -> tuple[Content, ...]:
    """The columns of the source, with what rules wrote into rows that were added alone; and their marks."""
    import pyarrow as pa

    marks = settled.added.marks if settled.added is not None else ()
    now = {one.source: one.values for one in settled.contents if one.source}
    before = []
    for column in dataset.columns:
        own, written = dataset.table([column.name]).column(0), now.get(column.name)
        if written is None:
            before.append(Content(column, column.name, None))
            continue
        new = written.slice(dataset.rows)
        if one_type:
            own, new = _of_one_type(own, new)
        elif own.type != new.type:
            own = pa.chunked_array([pa.nulls(dataset.rows, new.type)])
        values = pa.chunked_array([*own.chunks, *new.chunks], new.type)
        stored = cast(Any, str(new.type).partition("[")[0])
        before.append(Content(replace(column, stored=stored), column.name, values))
    return (*before, *(one for one in settled.contents if one.column.name in marks))


def _of_one_type(own: pa.ChunkedArray, new: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Values of the source and those of added rows, both as floats where whole numbers met some and each is
    one, else both as text where their types differ.
    """
    import pyarrow as pa

    if own.type == new.type:
        return own, new
    numbers = (pa.int64(), pa.uint64(), pa.float64())
    if own.type in numbers and new.type in numbers:
        with contextlib.suppress(pa.ArrowInvalid):  # whole numbers that a float cannot hold
            return own.cast(pa.float64()), new.cast(pa.float64())
    return _written(own), _written(new)


def _written(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The text of each value; null where it is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.if_else(values.is_valid(), as_text(values), None)
    return texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])


def _cause(decision: Decision, columns: Sequence[str]) -> str:
    if decision.finding:
        return key_in_words(decision.finding, columns)
    by_hand = decision.kind.on == "rows" and isinstance(decision.rows, RowSet)
    return NO_REASON if by_hand else in_words((decision,))


def free(names: Sequence[str | None]) -> list[str]:
    """The names of the two columns, with a number behind where a column has them already."""
    taken, chosen = set(names), []
    for wanted in (ROW, REASON):
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        chosen.append(name)
    return chosen


def with_reasons(
    blocks: Iterator[Block], why: Reasons, numbers: NDArray[np.int64], text: bool
) -> Iterator[Block]:
    """The blocks with both columns behind the others. numbers: of their rows in the data set."""
    at = 0
    for block in blocks:
        here = numbers[at : at + len(block[0])]
        yield [*block, *why.columns(here, text)]
        at += here.size


def framed(frame: pd.DataFrame, why: Reasons, numbers: NDArray[np.int64]) -> pd.DataFrame:
    """The same for a frame."""
    rows, texts = why.columns(numbers, text=False)
    row, reason = free(list(frame.columns))
    return frame.assign(**{row: rows, reason: texts})
